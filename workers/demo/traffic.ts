import { type Seed, arrivals, dieOf, seedOf, uuidAt } from './dice.ts'
import { type ExecutionRow, type LogRow, stamp } from './rows.ts'
import { type Span, isWithin, touchedSeconds } from './span.ts'
import { tellStep } from './step-logs.ts'
import { type Subject, subjectOf } from './subject.ts'
import { type Step, type Walk, longestWalkMs, stepsOf } from './walk.ts'
import { type Journey, type World, rhythm } from './world.ts'

interface Traffic {
  readonly executions: ExecutionRow[]
  readonly logs: LogRow[]
}

/** An execution is known once it has ended: a span holds those that ended within it, with what they logged. */
export function observeTraffic(world: World, span: Span, seed: Seed): Traffic {
  const traffic: Traffic = { executions: [], logs: [] }
  for (const journey of world.journeys) {
    for (const walk of walksAround(
      journey,
      { from: span.from - longestWalkMs(world, journey), to: span.to },
      seed,
    )) {
      observeWalk(world, span, { walk, traffic })
    }
  }
  return traffic
}

/** Those that begin in a span, or shortly before or after it. */
export function* walksAround(journey: Journey, span: Span, seed: Seed): Generator<Walk> {
  for (const second of touchedSeconds(span)) {
    const die = dieOf(seed, journey.name, second)
    const count = arrivals(die, journey.perSecond * rhythm(second * 1000))
    for (let nth = 0; nth < count; nth += 1) {
      const startedAt = second * 1000 + Math.floor(die() * 1000)
      yield { journey, startedAt, seed: seedOf(seed, journey.name, second, nth) }
    }
  }
}

function observeWalk(world: World, span: Span, { walk, traffic }: { walk: Walk; traffic: Traffic }): void {
  let subject: Subject | undefined
  for (const step of stepsOf(world, walk)) {
    if (step.endedAt > span.to) return
    if (!isWithin(span, step.endedAt)) continue
    subject ??= subjectOf(walk)
    traffic.executions.push(executionRow(world, step, { walk, subject }))
    const line = tellStep(world, subject, step)
    if (line) traffic.logs.push(line)
  }
}

interface Context {
  readonly walk: Walk
  readonly subject: Subject
}

function executionRow({ environment }: World, step: Step, { walk, subject }: Context): ExecutionRow {
  return {
    environment,
    app: step.stop.service.name,
    route: step.stop.route.name,
    agent: step.agent,
    status: step.failure ? 'FAILED' : 'COMPLETED',
    ts: stamp(step.startedAt),
    duration_ms: step.endedAt - step.startedAt,
    // Of the walk's start, not the step's: a fault upstream delays an execution, but does not make it another one.
    exec_id: uuidAt(walk.startedAt, dieOf(step.seed, 'id')),
    correlation_id: subject.correlationId,
    error: step.failure?.error ?? '',
    attributes: { 'order.id': subject.details.order, 'payment.type': subject.payment },
  }
}
