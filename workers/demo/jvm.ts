import { type Seed, between, dieOf } from './dice.ts'
import { isAgentGone } from './agents.ts'
import { findFault } from './faults.ts'
import { type JvmMetricRow, stamp } from './rows.ts'
import type { Service } from './service.ts'
import { type Span, wholeSeconds } from './span.ts'
import { type World, rhythm } from './world.ts'

const sampleEverySeconds = 10

/** Share of its time in which a leak fills the heap; the rest it spends full. */
const fillingShare = 0.7

/** Every agent's heap (0..1 of the maximum), longest garbage collection (ms), live threads and CPU (0..1). */
export function observeJvm(world: World, span: Span, seed: Seed): JvmMetricRow[] {
  return world.services.flatMap((service) =>
    service.agents.flatMap((agent, index) =>
      [...wholeSeconds(span)]
        .filter((second) => (second + index) % sampleEverySeconds === 0)
        .filter((second) => !isAgentGone(world, service, { agent, at: second * 1000 }))
        .flatMap((second) => sample(world, { service, agent, second, seed })),
    ),
  )
}

interface Look {
  readonly service: Service
  readonly agent: string
  readonly second: number
  readonly seed: Seed
}

function sample(world: World, look: Look): JvmMetricRow[] {
  const { service, agent, second, seed } = look
  const die = dieOf(seed, 'jvm', agent, second)
  const leak = leakAt(world, { service, agent, at: second * 1000 })
  const sawtooth = 0.34 + 0.32 * collectionPhase(look) + between(die, -0.01, 0.01)
  const heap = sawtooth + (0.985 - sawtooth) * leak
  const values = {
    'jvm.memory.used.value': round(heap, 4),
    'jvm.gc.pause.max': round(between(die, 8, 32) * (1 + 40 * leak ** 2), 1),
    'jvm.threads.live.value': Math.round(44 + 8 * rhythm(second * 1000) + between(die, -3, 3) + 30 * leak),
    'process.cpu.usage.value': round(
      Math.min(1, 0.16 * rhythm(second * 1000) + between(die, 0, 0.06) + 0.7 * leak ** 2),
      4,
    ),
  }
  const common = { environment: world.environment, app: service.name, agent, ts: stamp(second * 1000) }
  return Object.entries(values).map(([metric, value]) => ({ ...common, metric, value }))
}

/** How far the heap has filled since its last collection; each agent collects at a pace of its own. */
function collectionPhase({ agent, second, seed }: Look): number {
  const die = dieOf(seed, 'collections', agent)
  const periodSeconds = Math.round(between(die, 70, 150))
  return ((second + Math.floor(die() * periodSeconds)) % periodSeconds) / periodSeconds
}

/** How far a leak has come: 0 when there is none, 1 when the heap is full. */
export function leakAt(
  world: World,
  { service, agent, at }: { service: Service; agent: string; at: number },
): number {
  const active = findFault(world, { kind: 'memory-leak', app: service.name, at })
  if (!active || active.fault.agent !== agent) return 0
  return Math.min(1, active.ageSeconds / (fillingShare * active.fault.lastsSeconds))
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
