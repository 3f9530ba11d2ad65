import { z } from 'zod'
import type { Medium } from '#engine/route/contacts.ts'
import { isMediaType, type MediaType, mediaTypeProblem } from './media-types.ts'
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

/** Its address would be the key of a PagerDuty service. */
const pagerdutyProblem =
  'cannot be pagerduty here: its key is a secret, and this house does not keep secrets of contacts yet.'

const draftSchema = z
  .object(
    {
      ...mediumFields,
      type: z
        .string(mediaTypeProblem)
        .refine(isMediaType, mediaTypeProblem)
        .refine((type) => type !== 'pagerduty', pagerdutyProblem),
    },
    'must be an object with type and address.',
  )
  .transform(({ type, address, interval, rollup_threshold }): MediumDraft => ({
    type: type as MediaType,
    address,
    intervalSeconds: interval,
    rollupThreshold: rollup_threshold,
  }))

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
