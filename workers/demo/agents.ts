import { type Seed, dieOf } from './dice.ts'
import { findFault } from './faults.ts'
import { type AgentRow, stamp } from './rows.ts'
import type { Service } from './service.ts'
import { type Span, wholeSeconds } from './span.ts'
import type { World } from './world.ts'

const reportEverySeconds = 15

/** A silent agent is STALE for half a minute before it is called DEAD. */
const staleSeconds = 30

/** Every agent says how it is four times a minute, and at once when that changed. */
export function observeAgents(world: World, span: Span, seed: Seed): AgentRow[] {
  return world.services.flatMap((service) =>
    service.agents.flatMap((agent, index) => {
      const stateAt = (second: number) => agentState(world, service, { agent, second, seed })
      return [...wholeSeconds(span)]
        .filter(
          (second) => (second + index) % reportEverySeconds === 0 || stateAt(second) !== stateAt(second - 1),
        )
        .map((second) => ({
          environment: world.environment,
          app: service.name,
          agent,
          state: stateAt(second),
          ts: stamp(second * 1000),
        }))
    }),
  )
}

interface Look {
  readonly agent: string
  readonly second: number
  readonly seed: Seed
}

function agentState(world: World, service: Service, { agent, second, seed }: Look): AgentRow['state'] {
  const gone = findFault(world, { kind: 'dead-agent', app: service.name, at: second * 1000 })
  if (gone?.fault.agent === agent) return gone.ageSeconds < staleSeconds ? 'STALE' : 'DEAD'
  return missesMinute(agent, Math.floor(second / 60), seed) ? 'STALE' : 'LIVE'
}

/** About once an hour one of the dozen loses its connection for a minute; that is nobody's emergency. */
function missesMinute(agent: string, minute: number, seed: Seed): boolean {
  return dieOf(seed, 'missed-minute', agent, minute)() < 1 / 720
}

export function isAgentGone(
  world: World,
  service: Service,
  { agent, at }: { agent: string; at: number },
): boolean {
  return findFault(world, { kind: 'dead-agent', app: service.name, at })?.fault.agent === agent
}

/** Who serves a call: any agent, and the next one in the roster when that one is gone. */
export function rosterAgent(
  world: World,
  service: Service,
  { at, luck }: { at: number; luck: number },
): string {
  const { agents } = service
  const first = Math.floor(luck * agents.length)
  const chosen = agents[first] ?? agents[0]
  return isAgentGone(world, service, { agent: chosen, at })
    ? (agents[(first + 1) % agents.length] ?? chosen)
    : chosen
}
