import type { Standing } from '#engine/rule/condition.ts'
import { type CompiledRule, questionOf } from '#engine/rule/compile.ts'
import { silencesIn } from '#engine/rule/silence-event.ts'
import { type Answer, storeOf, type Telemetry, TelemetryUnavailable } from '#engine/telemetry/telemetry.ts'
import { nothingObserved, type Observation, together } from './observation.ts'
import { openQuarantine } from './quarantine.ts'
import type { Shard } from './rule-book.ts'
import { openShardWatches } from './shard-watches.ts'

interface Looking {
  readonly slot: Date
  readonly standingOf: (rule: CompiledRule) => Standing
}

/** Asks about many rules at once, and finds out whom to leave out when that fails. */
export interface Observer {
  /** Of a shard those that are due. */
  observe(shard: Shard, due: readonly CompiledRule[], looking: Looking): Promise<Observation>
}

export function openObserver(telemetry: Telemetry): Observer {
  const quarantine = openQuarantine()
  const watches = openShardWatches(telemetry, quarantine)
  const askAlone = (rules: readonly CompiledRule[], { slot }: Looking) =>
    telemetry.ask(rules.map(questionOf), slot)

  /** One that spoils the common question is found by halving. */
  async function search(rules: readonly CompiledRule[], looking: Looking): Promise<Observation> {
    try {
      const answers = await askAlone(rules, looking)
      return judged(rules, answers, looking)
    } catch (error) {
      if (error instanceof TelemetryUnavailable) return unavailable(rules, error)
      const [only, ...more] = rules
      if (only && more.length === 0) return isolate(only, reasonOf(error), looking)
      const middle = Math.floor(rules.length / 2)
      const first = await search(rules.slice(0, middle), looking)
      return together([first, await search(rules.slice(middle), looking)])
    }
  }

  function isolate(rule: CompiledRule, because: string, { slot }: Looking): Observation {
    quarantine.hold(rule, because, slot)
    return { ...nothingObserved, unanswered: [{ rule, because, wasAsked: true }] }
  }

  async function tryAgain(rule: CompiledRule, looking: Looking): Promise<Observation> {
    const because = quarantine.reasonNotToTry(rule, looking.slot)
    if (because !== undefined) return { ...nothingObserved, unanswered: [{ rule, because, wasAsked: false }] }
    const observation = await search([rule], looking)
    if (observation.answered.length > 0) quarantine.release(rule)
    return observation
  }

  /** What looks through one window must not blind what looks through another: a store may find only the longest too much. */
  async function apart(rules: readonly CompiledRule[], looking: Looking): Promise<Observation> {
    const scans = [...Map.groupBy(rules, ({ scan }) => scan).values()]
    return together(await Promise.all(scans.map((scan) => search(scan, looking))))
  }

  async function allAtOnce(
    shard: Shard,
    rules: readonly CompiledRule[],
    looking: Looking,
  ): Promise<Observation> {
    if (rules.length === 0) return nothingObserved
    if (watches.isApart(shard, looking.slot)) return apart(rules, looking)
    try {
      return judged(rules, await watches.ask(shard, rules, looking.slot), looking)
    } catch (error) {
      if (error instanceof TelemetryUnavailable && error.because !== 'slow') return unavailable(rules, error)
      const observation = await apart(rules, looking)
      if (error instanceof TelemetryUnavailable) watches.setApart(shard, looking.slot)
      return observation
    }
  }

  return {
    observe: async (shard, due, looking) => {
      const askable = due.filter((rule) => 'about' in rule.question)
      const held = askable.filter(quarantine.holds)
      const free = held.length === 0 ? askable : askable.filter((rule) => !quarantine.holds(rule))
      const parts = [allAtOnce(shard, free, looking), ...held.map((rule) => tryAgain(rule, looking))]
      return together([...(await Promise.all(parts)), unaskable(due)])
    },
  }
}

function unaskable(due: readonly CompiledRule[]): Observation {
  return {
    ...nothingObserved,
    unanswered: due.flatMap((rule) =>
      'unaskable' in rule.question ? { rule, because: rule.question.unaskable, wasAsked: false } : [],
    ),
  }
}

function unavailable(rules: readonly CompiledRule[], error: TelemetryUnavailable): Observation {
  const because = error.message
  return {
    ...nothingObserved,
    unanswered: rules.map((rule) => ({ rule, because, wasAsked: true })),
    stores: new Map([[error.store, because]]),
  }
}

function judged(
  rules: readonly CompiledRule[],
  answers: readonly Answer[],
  { standingOf }: Looking,
): Observation {
  const [first] = rules
  return {
    answered: rules.map((rule, index) => {
      const answer = answers[index]
      if (!answer) throw new Error(`a ${rule.kind} rule was not answered`)
      return { rule, readings: rule.definition.judge(rule.rule.condition, answer, standingOf(rule)) }
    }),
    unanswered: [],
    stores: new Map(first ? [[storeOf(questionOf(first)), undefined]] : []),
    silences: silencesIn(answers),
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
