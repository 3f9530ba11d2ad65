/** What Go writes for "no time": clients of Alertmanager send and expect it. */
export const zeroTime = '0001-01-01T00:00:00.000Z'
const zeroMs = Date.parse(zeroTime)
/** Later years have five digits, which neither PostgreSQL nor RFC 3339 reads. */
const endMs = Date.parse('9999-12-31T23:59:59.999Z')

export type ReadTime = { readonly at: Date | undefined } | { readonly problem: string }

const shape =
  /^(\d{4}-\d\d-\d\d)[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(\.\d{1,9})?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?$/

/**
 * The forms Alertmanager's API takes: RFC 3339 with or without fraction, seconds or zone (then UTC). Zero time is no
 * time; the empty text is 1970, as it is there.
 */
export function readTime(text: string): ReadTime {
  if (text === '') return { at: new Date(0) }
  const [, day = '', hour = '', minute = '', second = '00', fraction = '', zone = 'Z'] =
    shape.exec(text) ?? []
  const midnight = Date.parse(`${day}T00:00:00Z`)
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day)
    return { problem: notATime(text) }
  const at = Date.parse(`${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}${zone}`)
  if (at < zeroMs) return { problem: `${notATime(text)}; it lies before the year 1` }
  if (at > endMs) return { problem: `${notATime(text)}; it lies after the year 9999` }
  return { at: at === zeroMs ? undefined : new Date(at) }
}

function notATime(text: string): string {
  return `${JSON.stringify(text.slice(0, 60))} is no time: write it as 2026-01-31T10:00:00Z`
}
