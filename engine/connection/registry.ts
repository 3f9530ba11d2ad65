import type { IntegrationKind } from '#engine/medium.ts'
import type { ConnectionDefinition } from './connection.ts'
import { webhook } from './webhook.ts'

/** Every kind of connection a person can make; how each speaks is in `workers/notifiers/drivers.ts`. */
const definitions: Partial<Record<IntegrationKind, ConnectionDefinition>> = { webhook }

export const connectionKinds = Object.keys(definitions) as readonly IntegrationKind[]

export function findConnectionDefinition(kind: string): ConnectionDefinition | undefined {
  return Object.entries(definitions).find(([name]) => name === kind)?.[1]
}
