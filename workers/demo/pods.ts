import type { V1ContainerState, V1Pod } from '@kubernetes/client-node'
import { isAgentGone } from './agents.ts'
import { crashLoop } from './crash-loop.ts'
import { releaseBefore, startingSeconds } from './deployments.ts'
import { type Seed, dieOf, hex } from './dice.ts'
import { endedFaults, findFault } from './faults.ts'
import { ended, podObject, type PodParts, runs, waits } from './kubernetes/objects.ts'
import type { Service } from './service.ts'
import type { World } from './world.ts'

/** In every message about them, so that nobody takes them for pods of their own. */
const namespace = 'demo-shop'

/** Until its image is there. */
const pullingSeconds = 4

/** After it was killed for its memory. */
const restartMs = 2000

/** The pods of the shop at an instant: one for each agent, and one for a release that does not start. */
export function podsAt(world: World, at: number, seed: Seed): V1Pod[] {
  return world.services.flatMap((service) => [
    ...service.agents.map((agent) => servingPod(world, service, { agent, at, seed })),
    ...failingPod(world, service, { at, seed }),
  ])
}

interface Look {
  readonly at: number
  readonly seed: Seed
}

function servingPod(world: World, service: Service, { agent, at, seed }: Look & { agent: string }): V1Pod {
  const releasedAtSecond = releaseBefore(world, service, Math.floor(at / 1000))
  const age = at / 1000 - releasedAtSecond
  const who = identity(service, { releasedAtSecond, agent, seed })
  if (age < pullingSeconds) return podObject({ ...who, ...pulling })
  const kills = endedFaults(world, {
    kind: 'memory-leak',
    app: service.name,
    after: releasedAtSecond * 1000,
    until: at,
  }).filter(({ fault }) => fault.agent === agent)
  return podObject({
    ...who,
    hasProbe: true,
    ready: age >= startingSeconds && !isAgentGone(world, service, { agent, at }),
    container: { state: runs(instant(releasedAtSecond + pullingSeconds)), ...afterKills(kills) },
  })
}

function afterKills(kills: readonly { readonly endedAt: number }[]): PodParts['container'] | undefined {
  const last = kills.at(-1)
  return (
    last && {
      restartCount: kills.length,
      state: runs(new Date(last.endedAt + restartMs)),
      lastState: ended(new Date(last.endedAt), { exitCode: 137, reason: 'OOMKilled' }),
    }
  )
}

/** The old pods serve on; the new one is tried again and again until the release is taken back. */
function failingPod(world: World, service: Service, { at, seed }: Look): V1Pod[] {
  const failed = findFault(world, { kind: 'failed-deployment', app: service.name, at })
  if (!failed) return []
  const { ageSeconds, fault } = failed
  const releasedAtSecond = Math.floor(Math.round(at - ageSeconds * 1000) / 1000)
  const who = identity(service, { releasedAtSecond, agent: service.agents[0], seed })
  const tries = crashLoop(ageSeconds - pullingSeconds)
  if (!tries) return [podObject({ ...who, ...pulling })]
  const since = (seconds: number) => instant(releasedAtSecond + pullingSeconds + seconds)
  const { restarts, runsSince, last } = tries
  const crash = last && ended(since(last.to), { startedAt: since(last.from), message: fault.exception })
  return [
    podObject({
      ...who,
      hasProbe: true,
      ready: false,
      container: {
        restartCount: restarts,
        state: runsSince === undefined ? betweenTries(restarts, crash) : runs(since(runsSince)),
        ...(restarts > 0 && crash && { lastState: crash }),
      },
    }),
  ]
}

/** The first time the kubelet does not call it a loop yet. */
function betweenTries(restarts: number, crash: V1ContainerState | undefined): V1ContainerState {
  return restarts === 0 && crash ? crash : waits('CrashLoopBackOff', 'back-off restarting failed container')
}

const pulling = {
  phase: 'Pending',
  ready: false,
  container: { state: waits('ContainerCreating') },
} satisfies Partial<PodParts>

interface Release extends Pick<Look, 'seed'> {
  readonly releasedAtSecond: number
  readonly agent: string
}

/** Named as a Deployment names them, anew with every release. */
function identity({ name }: Service, { releasedAtSecond, agent, seed }: Release) {
  const hash = hex(dieOf(seed, 'replica set', name, releasedAtSecond), 8)
  const replicaSet = `${name}-${hash}`
  return {
    name: `${replicaSet}-${hex(dieOf(seed, 'pod', agent, releasedAtSecond), 4)}`,
    namespace,
    owner: `ReplicaSet/${replicaSet}`,
    labels: { app: name, 'pod-template-hash': hash },
    image: `registry.example.org/shop/${name}`,
    createdAt: instant(releasedAtSecond),
  }
}

function instant(second: number): Date {
  return new Date(second * 1000)
}
