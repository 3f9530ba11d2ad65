import { IANAZone } from 'luxon'
import { z } from 'zod'
import { mostChanges } from '#engine/advance/flapping.ts'
import { parseDuration } from '#engine/duration.ts'
import type { SourceQuota } from '#engine/intake/source-quota.ts'
import { readSecretKey, secretKeyExpected } from './secret-keys.ts'

/** An empty variable is one that was not set: `FOO= npm start` is how people switch something off. */
export const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional())

export const url = (protocols: string, example: string) =>
  z.url({ protocol: new RegExp(`^(${protocols})$`), error: `a URL such as ${example}` })

export const list = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  )
  .refine((parts) => parts.length > 0, 'one or more, separated by commas')

export const origins = list.refine(
  (parts) => parts.every((part) => /^https?:\/\//.test(part) && URL.parse(part)?.origin === part),
  'sites by scheme and host, such as https://karma.example.com, separated by commas; not *',
)

export const secretKeys = list.transform((parts, context) => {
  const keys = parts.map(readSecretKey).filter((key) => key !== undefined)
  if (keys.length === parts.length) return keys
  context.addIssue({ code: 'custom', message: secretKeyExpected })
  return z.NEVER
})

export const flag = z
  .enum(['true', 'false', '1', '0'], { error: 'true or false' })
  .transform((text) => text === 'true' || text === '1')

export const duration = (
  example: string,
  { allows, least = 0 }: { readonly allows?: string; readonly least?: number } = {},
) => {
  const atLeast = least > 0 ? `, ${least} s or more` : ''
  const expected = `a length of time such as ${example}${atLeast}${allows === undefined ? '' : `, or ${allows}`}`
  return z.string().transform((text, context) => {
    if (text === allows) return null
    const seconds = parseDuration(text)
    if (seconds !== undefined && seconds >= least && seconds <= longestSeconds) return seconds
    context.addIssue({ code: 'custom', message: expected })
    return z.NEVER
  })
}

export const positive = (example: string) =>
  duration(example).refine((seconds) => seconds !== 0, `a length of time such as ${example}, longer than 0`)

export const wholeNumber = (least: number, most: number) => {
  const expected = `a whole number from ${least} to ${most}`
  return z
    .string()
    .regex(/^\d{1,9}$/, expected)
    .transform(Number)
    .refine((number) => number >= least && number <= most, expected)
}

/** More than anybody waits for: Flapjack's own "for good". */
const longestSeconds = 100 * 366 * 86_400

export const flapping = z.string().transform((text, context) => {
  if (text === 'off') return null
  const [, changes = '', window = ''] = /^(\d{1,3}) in (.+)$/.exec(text.trim()) ?? []
  const windowSeconds = parseDuration(window)
  const isRight = Number(changes) >= 3 && Number(changes) <= mostChanges
  if (isRight && windowSeconds !== undefined && windowSeconds >= 60 && windowSeconds <= 86_400)
    return { changes: Number(changes), windowSeconds }
  const message = `so many changes in so much time, such as "6 in 10m" (3 to ${mostChanges}, in 1m to 1d), or off`
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

export const sourceQuota = z.string().transform((text, context): SourceQuota | null => {
  if (text === 'off') return null
  const [, events = '', window = ''] = /^(\d{1,9}) in (.+)$/.exec(text.trim()) ?? []
  const windowSeconds = parseDuration(window)
  if (Number(events) >= 1 && windowSeconds !== undefined && windowSeconds >= 1 && windowSeconds <= 3600)
    return { events: Number(events), windowSeconds }
  const message = 'so many events in so much time, such as "60000 in 1m" (1 or more, in 1s to 1h), or off'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

export const zone = z
  .string()
  .refine((name) => IANAZone.isValidZone(name), 'a time zone such as Europe/Berlin')

const portExpected = 'a port number between 1 and 65535'
export const port = z
  .string()
  .regex(/^\d+$/, portExpected)
  .transform(Number)
  .refine((number) => number > 0 && number < 65_536, portExpected)
