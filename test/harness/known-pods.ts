import { isDeepStrictEqual } from 'node:util'
import type { V1Pod } from '@kubernetes/client-node'
import type { Telemetry } from '#engine/telemetry/telemetry.ts'
import { eventually } from './eventually.ts'
import { everyPod } from './kubernetes-objects.ts'
import { inWholeSeconds, podFacts } from './pod-readings.ts'

interface Watched {
  readonly kubernetes: Pick<Telemetry, 'ask'>
  readonly at: Date
  /** Others may be there besides. */
  readonly amongOthers?: boolean
}

/** Waits until these are known as they are: a watch tells of a change in a moment, and not at once. */
export async function podsToBeKnown(pods: readonly V1Pod[], watched: Watched): Promise<void> {
  const { kubernetes, at, amongOthers = false } = watched
  const expected = pods.map((pod) => inWholeSeconds(podFacts(pod)))
  await eventually('the pods to be known', async () => {
    const [answer] = await kubernetes.ask([everyPod], at).catch(() => [])
    const known = answer?.about === 'pods' ? answer.pods.map(({ pod }) => inWholeSeconds(pod)) : []
    const areThere = expected.every((pod) => known.some((one) => isDeepStrictEqual(one, pod)))
    return areThere && (amongOthers || known.length === expected.length)
  })
}
