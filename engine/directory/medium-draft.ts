import { z } from 'zod'
import type { Medium } from '#engine/route/contacts.ts'
import { isMediaType, type MediaType, mediaTypeProblem } from './media-types.ts'
import { mediaWayOf } from './media-ways.ts'
import { optionalCount, type Reading, readWith, text } from './reading.ts'

/*
 * A medium as Flapjack's JSON API takes it; numbers may be digits, null or left out = the default:
 *
 *   { "type": "email", "address": "ada@example.com", "interval": 300, "rollup_threshold": 5 }
 */

export interface MediumDraft extends Medium {
  readonly type: MediaType
}

const longestInterval = 31_536_000

const mediumFields = {
  address: text(1000).refine((address) => address.trim() !== '', 'must say where alerts are sent to.'),
  interval: optionalCount(longestInterval),
  rollup_threshold: optionalCount(1_000_000),
}

const draftSchema = z
  .object(
    {
      ...mediumFields,
      type: z.string(mediaTypeProblem).refine(isMediaType, mediaTypeProblem),
    },
    'must be an object with type and address.',
  )
  .superRefine(({ type, address }, issues) => {
    const message = addressProblem(type, address)
    if (message !== undefined) issues.addIssue({ code: 'custom', path: ['address'], message })
  })
  .transform(({ type, address, interval, rollup_threshold }): MediumDraft => ({
    type,
    address,
    intervalSeconds: interval,
    rollupThreshold: rollup_threshold,
  }))

/** Why this type of medium cannot have this address. */
export function addressProblem(type: string, address: string | undefined): string | undefined {
  return address === undefined || address.trim() === '' ? undefined : mediaWayOf(type)?.problem?.(address)
}

export function readMedium(value: unknown): Reading<MediumDraft> {
  return readWith(draftSchema, value)
}

const mediumNames = {
  address: 'address',
  interval: 'intervalSeconds',
  rollup_threshold: 'rollupThreshold',
} as const satisfies Record<keyof typeof mediumFields, keyof Medium>

const changeSchema = z.object({ ...mediumFields, address: mediumFields.address.optional() })

/** What changes of a medium: only what is named. */
export function readMediumChange(changes: Readonly<Record<string, unknown>>): Reading<Partial<Medium>> {
  const reading = readWith(changeSchema, changes)
  if (reading.kind === 'refused') return reading
  const { value } = reading
  const named = Object.keys(mediumNames).filter(
    (name): name is keyof typeof mediumNames =>
      Object.hasOwn(mediumNames, name) && Object.hasOwn(changes, name),
  )
  return { kind: 'read', value: Object.fromEntries(named.map((name) => [mediumNames[name], value[name]])) }
}
