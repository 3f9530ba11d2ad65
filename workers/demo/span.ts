/** What an observation covers, in epoch milliseconds: after `from`, up to and including `to`. */
export interface Span {
  readonly from: number
  readonly to: number
}

export function isWithin({ from, to }: Span, at: number): boolean {
  return at > from && at <= to
}

/** The whole seconds of a span, counted since the epoch. */
export function* wholeSeconds({ from, to }: Span): Generator<number> {
  for (let second = Math.floor(from / 1000) + 1; second * 1000 <= to; second += 1) yield second
}

/** The seconds a span touches, also those it covers only in part: what happens within one still has to be checked. */
export function* touchedSeconds({ from, to }: Span): Generator<number> {
  for (let second = Math.floor(from / 1000); second * 1000 <= to; second += 1) yield second
}
