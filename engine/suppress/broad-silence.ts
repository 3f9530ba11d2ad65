import { type Matcher, matches } from '#engine/matcher.ts'

const nobodysValue = 'a value that nobody uses'
const longestHours = 24
const shortestReason = 3

/** Whether it keeps quiet also what nobody has heard of yet, such as `alertname=~".+"` or `team!="payments"`. */
export function isForEverything(matchers: readonly Matcher[]): boolean {
  return matchers.every((matcher) => matches(matcher, { [matcher.name]: nobodysValue }))
}

interface Wish {
  readonly matchers: readonly Matcher[]
  readonly endsAt: Date
  readonly reason: string
  /** That it repeats is all that counts. */
  readonly recurrence?: object
}

/** Somebody who wants nobody to hear of anything begins with this: it takes a reason, and an end that is near. */
export function broadSilenceProblem(
  { matchers, endsAt, reason, recurrence }: Wish,
  now: Date,
): string | undefined {
  if (!isForEverything(matchers)) return undefined
  const because = 'it would keep everything quiet, also what nobody has heard of yet'
  if (reason.trim().length < shortestReason) return `${because}: say why`
  if (recurrence) return `${because}, again and again: name what it is for, or plan a maintenance`
  const isNear = endsAt.getTime() <= now.getTime() + longestHours * 3_600_000
  return isNear ? undefined : `${because}: let it end within ${longestHours} hours, or name what it is for`
}
