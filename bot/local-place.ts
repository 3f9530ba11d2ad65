import type { Place } from './front.ts'

/** The local chat is always a place of alerts, also where only workers run so far. */
export const localPlace: Place = { surface: 'local', key: 'local', name: 'Local chat', address: {} }
