import { parseDuration } from '#engine/duration.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import { type ContactDraft, readContact } from './contact-draft.ts'
import { type MediumDraft, readMedium } from './medium-draft.ts'
import type { Reading } from './reading.ts'

interface PersonWords {
  readonly id: string
  /** What stands before the first space is the first name. */
  readonly person?: string
  readonly zone?: string
}

/** As REST reads a contact; what is wrong is said in the words of the chat. */
export function readContactWords({ id, person, zone }: PersonWords): Reading<ContactDraft> {
  const [first, ...others] = person?.trim().split(/\s+/u) ?? []
  const names = { first_name: first, last_name: others.join(' ') }
  return inWords(readContact({ id, ...names, timezone: zone }), {
    first_name: 'name',
    last_name: 'name',
    timezone: 'zone',
  })
}

export interface MediumWords {
  readonly address: string
  /** A length of time: the pause between alerts of one state. */
  readonly every?: string
  /** A number, with or without `from` before it. */
  readonly summary?: string
}

/** As REST reads a medium; intervals are lengths of time. */
export function readMediumWords(
  type: string,
  { address, every, summary }: MediumWords,
): Reading<MediumDraft> {
  const interval = every === undefined ? null : parseDuration(every)
  const threshold = summary?.replace(/^from\s+/iu, '') ?? null
  const reading = readMedium({ type, address, interval, rollup_threshold: threshold })
  if (interval === undefined) {
    const problem = `"${every?.slice(0, 40)}" is not a length of time I know: try 90s, 5m or 1h.`
    const others = reading.kind === 'refused' ? reading.problems : []
    return { kind: 'refused', problems: [{ field: 'every', problem }, ...others] }
  }
  return inWords(reading, { interval: 'every', rollup_threshold: 'summary from' })
}

function inWords<Value>(reading: Reading<Value>, words: Readonly<Record<string, string>>): Reading<Value> {
  if (reading.kind === 'read') return reading
  const said = ({ field, problem }: FieldProblem) => ({ field: words[field] ?? field, problem })
  return { kind: 'refused', problems: reading.problems.map(said) }
}
