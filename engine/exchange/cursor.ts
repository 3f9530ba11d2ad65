import { definitionOf } from '#engine/rule/conditions/registry.ts'
import type { ExchangeFilter } from '#engine/telemetry/exchanges.ts'
import type { Exchange, Position, Span } from './exchange.ts'
import type { PerExchangeRule } from './per-exchange-rule.ts'

/**
 * How far the exchanges of a rule were read, in the time in which the store took them in. A report can become visible long after
 * it was stamped, so each sweep begins a good way before the end of the last one, and what was met before is known by its key.
 */
export interface ExchangeCursor {
  readonly ruleId: string
  /** What was asked for; who asks for something else begins anew. */
  readonly predicate: string
  /** What was taken in until then is none of its business. */
  readonly startsAt: Date
  /** All until then was read once. */
  readonly readTo: Date
  /** A sweep that is under way ends here. */
  readonly sweepTo: Date | null
  /** And has come this far. */
  readonly sweptAt: Date | null
  readonly sweptKey: string | null
  /** The newest slot it was read for. */
  readonly lastSlot: Date
  /** Who finds another one than remembered was overtaken by another worker. */
  readonly revision: number
  /** Of the exchanges that meet the rule so many were still to be read, when there were too many for one tick. */
  readonly backlog: number
  /** Too old when they came in: nobody was told. */
  readonly dropped: number
  /** Keys of days before this are forgotten. */
  readonly keptFrom: Date
}

/** How a rule that tells of every single exchange is doing. */
export interface ExchangeReading {
  /** So many were more than one slot could tell of, and follow. */
  readonly backlog: number
  /** All that the store took in until then was read. */
  readonly readTo: Date
  /** Too old when the store heard of them: nobody was told. */
  readonly dropped: number
}

export function readingOf({ backlog, sweptAt, readTo, dropped }: ExchangeCursor): ExchangeReading {
  return { backlog, readTo: backlog > 0 && sweptAt ? sweptAt : readTo, dropped }
}

export interface Reach {
  /** From stamped to visible: never less than the store takes at its worst. */
  readonly overlapSeconds: number
  /** How far back the first run of a rule looks; 0 = to when it was made. */
  readonly backlogCapSeconds: number
  /** How often all of the overlap is read; in between only the newest is. */
  readonly fullSweepSeconds: number
  /** An exchange may be this old when the store hears of it. */
  readonly longestAgeSeconds: number
}

export const defaultReach: Reach = {
  overlapSeconds: 600,
  backlogCapSeconds: 86_400,
  fullSweepSeconds: 30,
  longestAgeSeconds: 3 * 86_400,
}

export interface Instants {
  /** By our clock, which also stamped the rule. */
  readonly now: Date
  /** The same instant, by the clock of the store. */
  readonly storeNow: Date
  readonly slot: Date
}

/** The age of a rule is measured by the clock that stamped it, and counted back on the clock of the store. */
export function firstCursor(
  rule: PerExchangeRule,
  { now, storeNow }: Instants,
  reach: Reach,
): ExchangeCursor {
  const ageMs = Math.max(0, now.getTime() - rule.createdAt.getTime())
  const capMs = reach.backlogCapSeconds === 0 ? Infinity : reach.backlogCapSeconds * 1000
  return cursorFrom(rule, new Date(storeNow.getTime() - Math.min(ageMs, capMs)), reach)
}

/** Another predicate reads on from where the former one was: nothing is skipped in between, nothing is read again. */
export function cursorOf(rule: PerExchangeRule, known: ExchangeCursor, reach: Reach): ExchangeCursor {
  if (known.predicate === predicateOf(rule)) return known
  const { revision, dropped, readTo } = known
  return { ...cursorFrom(rule, readTo, reach), revision, dropped }
}

function cursorFrom(rule: PerExchangeRule, startsAt: Date, reach: Reach): ExchangeCursor {
  return {
    ruleId: rule.id,
    predicate: predicateOf(rule),
    startsAt,
    readTo: startsAt,
    sweepTo: null,
    sweptAt: null,
    sweptKey: null,
    lastSlot: new Date(0),
    revision: 0,
    backlog: 0,
    dropped: 0,
    keptFrom: oldestKept(startsAt, reach),
  }
}

export function filterOf({ condition, environment }: PerExchangeRule): ExchangeFilter {
  const question = definitionOf(condition).question(condition, environment)
  if (question.about !== 'exchanges') throw new Error(`an EXCHANGE_MATCH asks about ${question.about}`)
  const { about: _about, windowSeconds: _none, ...filter } = question
  return filter
}

/** The same text for the same question, whatever the order in which its parts were written. */
function predicateOf(rule: PerExchangeRule): string {
  const { attributes, ...named } = filterOf(rule)
  const sorted = (fields: object) => Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify([sorted(named), sorted(attributes)])
}

/** Also a sweep that was begun goes on. */
export function isFullSweepDue({ readTo, sweepTo }: ExchangeCursor, storeNow: Date, reach: Reach): boolean {
  return sweepTo !== null || storeNow.getTime() - readTo.getTime() >= reach.fullSweepSeconds * 1000
}

/** What a cursor has to read next: all that could have become visible since, or the newest alone. */
export function spanOf(
  cursor: ExchangeCursor,
  { storeNow, isFull }: { readonly storeNow: Date; readonly isFull: boolean },
  { overlapSeconds, fullSweepSeconds }: Reach,
): Span {
  const overlapped = new Date(cursor.readTo.getTime() - (isFull ? overlapSeconds : fullSweepSeconds) * 1000)
  const from = overlapped > cursor.startsAt ? overlapped : cursor.startsAt
  const { sweptAt, sweptKey } = cursor
  const after = sweptAt && sweptKey !== null ? { stampedAt: sweptAt, key: sweptKey } : null
  return { from, after, to: cursor.sweepTo ?? (storeNow > from ? storeNow : from) }
}

/** Rules that have come equally far read together. */
export function sweepKey({ readTo, sweepTo, sweptAt, sweptKey }: ExchangeCursor): string {
  return sweepTo
    ? JSON.stringify([sweepTo, sweptAt, sweptKey])
    : String(Math.floor(readTo.getTime() / 60_000))
}

/** Whether this exchange is the rule's to tell, read together with others that begin earlier. */
export function isWithin({ position }: Exchange, { from }: Span): boolean {
  return position.stampedAt > from
}

/** After a page that was not the last one: the rest comes next. */
export function pausedAt(cursor: ExchangeCursor, to: Date, { stampedAt, key }: Position): ExchangeCursor {
  return { ...cursor, sweepTo: to, sweptAt: stampedAt, sweptKey: key }
}

/** After the last page. */
export function sweptUp(cursor: ExchangeCursor, to: Date, reach: Reach): ExchangeCursor {
  return {
    ...cursor,
    readTo: to,
    sweepTo: null,
    sweptAt: null,
    sweptKey: null,
    backlog: 0,
    keptFrom: oldestKept(to, reach),
  }
}

/**
 * No report that can still be met started before that day: it was taken in after `readTo − overlap`, and was no older than
 * allowed then. Never by our clock: a sweep that stood still for a week has to know its keys when it goes on.
 */
function oldestKept(readTo: Date, { overlapSeconds, longestAgeSeconds }: Reach): Date {
  return dayOf(new Date(readTo.getTime() - (overlapSeconds + longestAgeSeconds) * 1000))
}

export function dayOf(at: Date): Date {
  return new Date(`${at.toISOString().slice(0, 10)}T00:00:00Z`)
}
