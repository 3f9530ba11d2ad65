import type { TelemetryStore } from '#workers/telemetry/store.ts'
import {
  isOneOf,
  type LateReports,
  readAhead,
  readLately,
  readStandings,
  readStoreClock,
} from './read-standings.ts'
import { isGone, sinceOf, type Standing, standingAfter, type Subject } from './standing.ts'
import type { StandingRelation } from './standing-relation.ts'

/** A report may become visible so long after it was stamped. */
const overlapMs = 600_000
/** Of what lies further ahead of the instant that is asked for it would be forgotten that it came. */
const aheadMs = overlapMs / 2
/** Whatever came in a way nobody thought of is seen then. */
const wholeEveryMs = 3_600_000
/** More are as quickly read all together. */
const mostReread = 200

/** How far was read: for which instant, and when by the store's clock; and when all was read. */
interface Reading {
  readonly instant: number
  readonly storeClock: number
  readonly wholeAt: number
}

/** Remembers how everything of a relation is, and reads only what came since it looked last. */
export class StandingMemory {
  readonly #store: TelemetryStore
  readonly #relation: StandingRelation
  readonly #only: string
  readonly #standings = new Map<string, Standing>()
  readonly #ahead = new Map<string, { readonly subject: Subject; readonly until: number }>()
  #read: Reading | undefined
  #isStamped = true
  #turn: Promise<unknown> = Promise.resolve()

  /** `only`: the condition on rows that are of interest. */
  constructor(store: TelemetryStore, relation: StandingRelation, only: string) {
    this.#store = store
    this.#relation = relation
    this.#only = only
  }

  /** Undefined for an instant a little before the last one, and where rows do not say when the store took them in: ask the store. */
  at(instant: Date): Promise<readonly Standing[] | undefined> {
    const looking = this.#turn.then(() => this.#look(instant))
    this.#turn = looking.catch(() => undefined)
    return looking
  }

  async #look(at: Date): Promise<readonly Standing[] | undefined> {
    const before = this.#read
    const backMs = before ? before.instant - at.getTime() : 0
    if (backMs > 0 && backMs < aheadMs) return undefined
    const storeClock = await readStoreClock(this.#store)
    if (!before || backMs > 0 || !isYoung(before, storeClock)) await this.#readWhole(at, storeClock)
    else if (this.#isStamped) await this.#readOn(at, before, storeClock)
    return this.#isStamped ? inOrder([...this.#standings.values()]) : undefined
  }

  async #readWhole(at: Date, storeClock: number): Promise<void> {
    // What fails half way is begun anew.
    this.#read = undefined
    const looking = { relation: this.#relation, at, only: this.#only }
    const { standings, isStamped } = await readStandings(this.#store, looking)
    const ahead = await readAhead(this.#store, looking)
    this.#standings.clear()
    this.#ahead.clear()
    for (const standing of standings) this.#standings.set(keyOf(standing), standing)
    for (const one of ahead) this.#ahead.set(keyOf(one.subject), one)
    this.#isStamped = isStamped || standings.length === 0
    this.#read = { instant: at.getTime(), storeClock, wholeAt: storeClock }
  }

  async #readOn(at: Date, before: Reading, storeClock: number): Promise<void> {
    this.#read = undefined
    const unclear = await this.#learnLately(at, before.storeClock - overlapMs)
    for (const [key, subject] of this.#unclearWithTime(at)) unclear.set(key, subject)
    if (unclear.size > mostReread) return this.#readWhole(at, storeClock)
    if (unclear.size > 0) await this.#readAgain(at, [...unclear.values()])
    this.#read = { ...before, instant: at.getTime(), storeClock }
  }

  /** Answers whose reports have to be read again. */
  async #learnLately(at: Date, since: number): Promise<Map<string, Subject>> {
    const looking = { relation: this.#relation, at, only: this.#only }
    const unclear = new Map<string, Subject>()
    for (const late of await readLately(this.#store, looking, { since, aheadMs })) {
      const key = keyOf(late)
      if (late.aheadUntil > 0) this.#ahead.set(key, { subject: late, until: late.aheadUntil })
      if (!this.#learn(key, late)) unclear.set(key, late)
    }
    return unclear
  }

  /** False: that is not enough to know how it is. */
  #learn(key: string, { reports }: LateReports): boolean {
    let known = this.#standings.get(key)
    if (!known) return reports.length === 0
    for (const some of reports) {
      known = standingAfter(known, some, this.#relation)
      if (!known) return false
    }
    this.#standings.set(key, known)
    return true
  }

  /** Whose reports have left the window, or were ahead and are not any more. */
  *#unclearWithTime(at: Date): Generator<readonly [string, Subject]> {
    for (const [key, standing] of this.#standings) {
      if (isGone(standing, at.getTime(), this.#relation)) this.#standings.delete(key)
      else if (sinceOf(standing, at.getTime(), this.#relation) === undefined) yield [key, standing]
    }
    for (const [key, { subject, until }] of this.#ahead) {
      if (until <= at.getTime()) this.#ahead.delete(key)
      yield [key, subject]
    }
  }

  async #readAgain(at: Date, subjects: readonly Subject[]): Promise<void> {
    const only = `${this.#only} AND ${isOneOf(subjects, this.#relation)}`
    const { standings } = await readStandings(this.#store, { relation: this.#relation, at, only })
    for (const subject of subjects) this.#standings.delete(keyOf(subject))
    for (const standing of standings) this.#standings.set(keyOf(standing), standing)
  }
}

/** The store's clock may be another one than before. */
function isYoung({ storeClock, wholeAt }: Reading, now: number): boolean {
  return now >= storeClock && now - wholeAt < wholeEveryMs
}

function keyOf({ environment, app, name }: Subject): string {
  return JSON.stringify([environment, app, name])
}

function inOrder(standings: readonly Standing[]): Standing[] {
  return standings.toSorted((one, other) => compare(one.app, other.app) || compare(one.name, other.name))
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
