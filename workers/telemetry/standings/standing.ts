import type { StandingRelation } from './standing-relation.ts'

/** Whose reports these are. */
export interface Subject {
  readonly environment: string
  readonly app: string
  readonly name: string
}

/** How something is by its reports within the reach of its relation. Instants in ms. */
export interface Standing extends Subject {
  readonly state: string
  readonly version: string
  /** The run of reports after the latest one of another state: the first and the latest of them. */
  readonly first: number
  readonly last: number
  /** By which reports are ordered: when it was, then when the store took it in. */
  readonly lastOrder: bigint
  /** Of the latest report of another state; 0 = there is none. */
  readonly another: bigint
  /** No two reports of the run that follow each other are as far apart as what lies between reach and longest. */
  readonly isGapless: boolean
}

/** Some reports of one state. */
export interface Reports {
  readonly state: string
  readonly version: string
  readonly first: number
  readonly last: number
  readonly firstOrder: bigint
  readonly lastOrder: bigint
}

/**
 * How something is after reports, of which it may know some already; undefined where that cannot be told without reading all of its
 * reports again: one came late and lies before what is known, or cuts it in two.
 */
export function standingAfter(
  known: Standing,
  reports: Reports,
  relation: StandingRelation,
): Standing | undefined {
  return reports.state === known.state
    ? extended(known, reports, relation)
    : contradicted(known, reports, relation)
}

function extended(known: Standing, reports: Reports, relation: StandingRelation): Standing | undefined {
  const { first, last, firstOrder, lastOrder, version } = reports
  if (lastOrder < known.another) return known
  if (firstOrder <= known.another || first < known.first)
    return isOneInstant(reports) && first >= known.first ? known : undefined
  if (lastOrder <= known.lastOrder) return known
  const isClose = first - known.last < gapOf(relation) && last - first < gapOf(relation)
  return {
    ...known,
    version,
    last: Math.max(last, known.last),
    lastOrder,
    isGapless: known.isGapless && isClose,
  }
}

function contradicted(known: Standing, reports: Reports, relation: StandingRelation): Standing | undefined {
  const { state, version, first, last, firstOrder, lastOrder } = reports
  if (lastOrder <= known.another) return known
  if (firstOrder <= known.lastOrder) return undefined
  const { environment, app, name } = known
  const isGapless = last - first < gapOf(relation)
  return {
    environment,
    app,
    name,
    state,
    version,
    first,
    last,
    lastOrder,
    another: known.lastOrder,
    isGapless,
  }
}

function isOneInstant({ first, last }: Reports): boolean {
  return first === last
}

function gapOf({ reachMs, longestMs }: StandingRelation): number {
  return reachMs - longestMs
}

export function isGone({ last }: Standing, at: number, { reachMs }: StandingRelation): boolean {
  return last <= at - reachMs
}

/** Since when, by the reports within reach; undefined where those would have to be read again. */
export function sinceOf(
  { first, isGapless }: Standing,
  at: number,
  { reachMs, longestMs }: StandingRelation,
): number | undefined {
  const earliest = at - longestMs
  if (first > at - reachMs) return Math.max(first, earliest)
  // Of a run without a gap some report lies between the two ends, whichever have left the window.
  return isGapless ? earliest : undefined
}
