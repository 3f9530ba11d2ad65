import { definitionOf } from '#engine/rule/conditions/registry.ts'
import { nothingFails, type Reading } from '#engine/rule/condition.ts'
import type { Answer, Question } from '#engine/telemetry/telemetry.ts'
import { settled } from '#test/harness/engine-things.ts'
import type { DemoRows } from '#workers/demo/rows.ts'
import type { StarterRule } from '#workers/demo/starter-rules.ts'

/** Answers a rule's question from rows in memory, and lets the engine judge: what the store would be asked for. */
export function readings(rule: StarterRule, rows: DemoRows, instants: readonly number[]): Reading[] {
  const definition = definitionOf(rule.condition)
  const question = definition.question(rule.condition, 'prod')
  const answer = answering(question, rows)
  return instants.map((at) => worstOf(definition.judge(rule.condition, answer(at), nothingFails)))
}

function worstOf(all: readonly Reading[]): Reading {
  const worst = all.find(({ verdict }) => verdict === 'breach') ?? all[0]
  if (!worst) throw new Error('a rule of the demo says nothing')
  return worst
}

type Answering = (at: number) => Answer

function answering(question: Question, rows: DemoRows): Answering {
  if (question.about === 'executions') return executionsOf(question, rows)
  if (question.about === 'logs') return logsOf(question, rows)
  if (question.about === 'exchanges') return exchangesOf(question, rows)
  if (question.about === 'jvm_metrics') return jvmMetricsOf(question, rows)
  if (question.about === 'agents') return agentsOf(rows)
  if (question.about === 'deployments') return deploymentsOf(rows)
  throw new Error(`the demo knows nothing about ${question.about}`)
}

function executionsOf(question: Extract<Question, { about: 'executions' }>, rows: DemoRows): Answering {
  const all = rows.executions
    .filter(({ app, route }) => app === question.app && route === (question.route ?? route))
    .map((row) => ({ ...row, at: Date.parse(row.ts) }))
  return (at) => {
    const within = all.filter((row) => row.at <= at && row.at > at - question.windowSeconds * 1000)
    const durations = within.map((row) => row.duration_ms).sort((one, other) => one - other)
    return {
      about: 'executions',
      ...settled({
        count: within.length,
        failed: within.filter(({ status }) => status === 'FAILED').length,
        averageDurationMs: durations.reduce((sum, duration) => sum + duration, 0) / durations.length,
        p99DurationMs: durations[Math.floor(0.99 * durations.length)] ?? null,
      }),
    }
  }
}

function logsOf(question: Extract<Question, { about: 'logs' }>, rows: DemoRows): Answering {
  const pattern = new RegExp(question.pattern)
  const matching = rows.logs
    .filter(
      ({ app, level, message }) =>
        app === question.app && question.levels.includes(level) && pattern.test(message),
    )
    .map(({ ts }) => Date.parse(ts))
  return (at) => {
    const count = matching.filter(
      (instant) => instant <= at && instant > at - question.windowSeconds * 1000,
    ).length
    return { about: 'logs', ...settled({ count }) }
  }
}

function exchangesOf(question: Extract<Question, { about: 'exchanges' }>, rows: DemoRows): Answering {
  const ended = rows.executions
    .filter(({ app, route }) => app === question.app && route === question.route)
    .filter(({ status }) => status === question.status)
    .map(({ ts }) => Date.parse(ts))
  return (at) => {
    const within = ended.filter((instant) => instant <= at && instant > at - question.windowSeconds * 1000)
    return { about: 'exchanges', ...settled({ count: within.length }) }
  }
}

function jvmMetricsOf(question: Extract<Question, { about: 'jvm_metrics' }>, rows: DemoRows): Answering {
  const samples = rows.jvm_metrics
    .filter(({ app, metric }) => app === question.app && metric === question.metric)
    .map(({ ts, value }) => ({ at: Date.parse(ts), value }))
  return (at) => {
    const within = samples.filter((row) => row.at <= at && row.at > at - question.windowSeconds * 1000)
    const values = within.map(({ value }) => value)
    const figures = {
      count: values.length,
      average: values.reduce((sum, value) => sum + value, 0) / values.length,
      maximum: Math.max(...values),
      minimum: Math.min(...values),
      last: values.at(-1) ?? null,
    }
    return { about: 'jvm_metrics', ...settled(figures) }
  }
}

function agentsOf({ agents }: DemoRows): Answering {
  const standing = standingOf(agents, ({ agent }) => agent)
  return (at) => ({ about: 'agents', at: new Date(at), agents: standing(at) })
}

function deploymentsOf({ deployments }: DemoRows): Answering {
  const standing = standingOf(deployments, ({ deployment }) => deployment)
  return (at) => ({ about: 'deployments', at: new Date(at), deployments: standing(at) })
}

/** Of each the latest row, and since when nothing but its state was reported. */
function standingOf<Row extends { readonly ts: string; readonly state: string }>(
  rows: readonly Row[],
  nameOf: (row: Row) => string,
): (at: number) => (Row & { readonly since: Date })[] {
  const byName = [...Map.groupBy(rows, nameOf).values()].map((own) =>
    own.toSorted((one, other) => one.ts.localeCompare(other.ts)),
  )
  return (at) =>
    byName.flatMap((own) => {
      const known = own.filter(({ ts }) => Date.parse(ts) <= at)
      const last = known.at(-1)
      const other = known.findLastIndex(({ state }) => state !== last?.state)
      const since = known[other + 1]
      return last && since ? [{ ...last, since: new Date(since.ts) }] : []
    })
}

export function everyFiveSeconds(from: number, to: number): number[] {
  return Array.from({ length: Math.floor((to - from) / 5000) }, (_, index) => from + (index + 1) * 5000)
}
