import { rosterAgent } from './agents.ts'
import { type Seed, between, dieOf, latency, latencyTail, pick, seedOf } from './dice.ts'
import { findFault } from './faults.ts'
import type { Mishap } from './service.ts'
import type { Journey, Stop, World } from './world.ts'

export interface Walk {
  readonly journey: Journey
  readonly startedAt: number
  readonly seed: Seed
}

/** One execution of a route. */
export interface Step {
  readonly stop: Stop
  readonly agent: string
  readonly startedAt: number
  readonly endedAt: number
  readonly failure: Failure | undefined
  readonly holdUp: HoldUp | undefined
  readonly seed: Seed
}

interface Failure extends Mishap {
  /** As the log names it, where that differs from the error. */
  readonly exception: string
}

/** Set when a fault made the call wait. */
interface HoldUp {
  readonly ms: number
  readonly logger: string
  readonly complaint: string
}

const handoverMs = [15, 140] as const
const timeoutJitterMs = 30

export function* stepsOf(world: World, walk: Walk): Generator<Step> {
  let { startedAt } = walk
  for (const [index, stop] of walk.journey.stops.entries()) {
    const seed = seedOf(walk.seed, index)
    const step = takeStep(world, stop, { startedAt, seed })
    yield step
    if (step.failure) return
    startedAt = step.endedAt + Math.round(between(dieOf(seed, 'handover'), ...handoverMs))
  }
}

/** What began earlier than this before a moment has ended by it, whatever fault it met. */
export function longestWalkMs(world: World, journey: Journey): number {
  return journey.stops.reduce((total, stop) => total + longestStepMs(world, stop) + handoverMs[1], 0)
}

function longestStepMs({ faults }: World, { service, route }: Stop): number {
  const delays = faults
    .filter(({ app }) => app === service.name)
    .map((fault) => {
      if (fault.kind === 'failing-route') return fault.takesMs + timeoutJitterMs
      return fault.kind === 'slow-service' ? fault.addsMs[1] : 0
    })
  return latencyTail * route.p99Ms + Math.max(0, ...delays)
}

interface Moment {
  readonly startedAt: number
  readonly seed: Seed
}

function takeStep(world: World, stop: Stop, moment: Moment): Step {
  const { service, route } = stop
  const { startedAt, seed } = moment
  const die = dieOf(seed, 'step')
  const agent = rosterAgent(world, service, { at: startedAt, luck: die() })
  const healthyMs = latency(die, route)
  const mishap = die() < route.mishapShare ? pick(die, route.mishaps) : undefined

  const breakdown = findBreakdown(world, stop, moment)
  const holdUp = breakdown ? undefined : findHoldUp(world, stop, moment)
  const failure = breakdown?.failure ?? (mishap && { ...mishap, exception: mishap.error })
  const endedAt = startedAt + (breakdown?.tookMs ?? healthyMs + (holdUp?.ms ?? 0))
  return { stop, agent, startedAt, endedAt, failure, holdUp, seed }
}

function findBreakdown(world: World, { service, route }: Stop, { startedAt, seed }: Moment) {
  const active = findFault(world, { kind: 'failing-route', app: service.name, at: startedAt })
  if (!active || active.fault.route !== route.name) return undefined
  const die = dieOf(seed, 'breakdown')
  if (die() >= active.fault.share) return undefined
  const { error, exception, takesMs } = active.fault
  const failure: Failure = { error, exception, level: 'ERROR' }
  return { failure, tookMs: takesMs + Math.round(die() * timeoutJitterMs) }
}

function findHoldUp(world: World, { service }: Stop, { startedAt, seed }: Moment): HoldUp | undefined {
  const active = findFault(world, { kind: 'slow-service', app: service.name, at: startedAt })
  if (!active) return undefined
  const die = dieOf(seed, 'hold-up')
  if (die() >= active.fault.share) return undefined
  const { logger, complaint, addsMs } = active.fault
  return { ms: Math.round(between(die, ...addsMs)), logger, complaint }
}
