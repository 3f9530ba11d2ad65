import { isAgentGone } from './agents.ts'
import { type Die, type Seed, dieOf, pick } from './dice.ts'
import { findFault } from './faults.ts'
import { leakAt } from './jvm.ts'
import { type LogRow, stamp } from './rows.ts'
import type { Service } from './service.ts'
import { type Span, isWithin, touchedSeconds } from './span.ts'
import { withStack } from './stack.ts'
import type { World } from './world.ts'

const murmursPerSecond = 0.12

/** A heap that is full says so about every other second. */
const outcriesPerSecond = 0.4

/** What services log without having been called: housekeeping on a healthy day, outcries on a bad one. */
export function observeBackgroundLogs(world: World, span: Span, seed: Seed): LogRow[] {
  return [...touchedSeconds(span)].flatMap((second) =>
    world.services
      .flatMap((service) => sources.map((source) => source(world, service, { second, seed })))
      .filter((utterance) => utterance !== undefined)
      .filter(({ at }) => isWithin(span, at))
      .map((utterance) => logRow(world, utterance)),
  )
}

interface Look {
  readonly second: number
  readonly seed: Seed
}

interface Utterance extends Pick<LogRow, 'app' | 'agent' | 'level' | 'logger' | 'message'> {
  readonly at: number
}

type Source = (world: World, service: Service, look: Look) => Utterance | undefined

const sources: readonly Source[] = [murmur, burst, heapOutcry, failedStart]

function logRow({ environment }: World, { at, ...line }: Utterance): LogRow {
  return { environment, ...line, ts: stamp(at) }
}

/** Somewhere within the second, or not at all. */
function instant(die: Die, second: number, chance: number): number | undefined {
  const luck = die()
  const at = second * 1000 + Math.floor(die() * 1000)
  return luck < chance ? at : undefined
}

function murmur(world: World, service: Service, { second, seed }: Look): Utterance | undefined {
  const die = dieOf(seed, 'murmur', service.name, second)
  const at = instant(die, second, murmursPerSecond)
  const agent = pick(die, service.agents)
  if (at === undefined || isAgentGone(world, service, { agent, at })) return undefined
  return { app: service.name, agent, at, ...pick(die, service.murmurs) }
}

function burst(world: World, service: Service, { second, seed }: Look): Utterance | undefined {
  const die = dieOf(seed, 'burst', service.name, second)
  const active = findFault(world, { kind: 'log-burst', app: service.name, at: second * 1000 })
  if (!active) return undefined
  const at = instant(die, second, active.fault.chancePerSecond)
  return at === undefined
    ? undefined
    : outcry(service, { at, agent: pick(die, service.agents), ...active.fault })
}

function heapOutcry(world: World, service: Service, { second, seed }: Look): Utterance | undefined {
  const active = findFault(world, { kind: 'memory-leak', app: service.name, at: second * 1000 })
  if (!active || leakAt(world, { service, agent: active.fault.agent, at: second * 1000 }) < 1)
    return undefined
  const at = instant(dieOf(seed, 'heap', service.name, second), second, outcriesPerSecond)
  return at === undefined ? undefined : outcry(service, { at, ...active.fault })
}

function failedStart(world: World, service: Service, { second, seed }: Look): Utterance | undefined {
  const active = findFault(world, { kind: 'failed-deployment', app: service.name, at: second * 1000 })
  if (!active) return undefined
  const at = instant(dieOf(seed, 'failed-start', service.name, second), second, outcriesPerSecond)
  return at === undefined ? undefined : outcry(service, { at, agent: service.agents[0], ...active.fault })
}

interface Outcry {
  readonly at: number
  readonly agent: string
  readonly logger: string
  readonly exception: string
}

function outcry({ name }: Service, { at, agent, logger, exception }: Outcry): Utterance {
  return { app: name, agent, at, level: 'ERROR', logger, message: withStack(exception, logger) }
}
