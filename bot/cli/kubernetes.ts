import type { Logger } from 'pino'
import type { Telemetry } from '#engine/telemetry/telemetry.ts'
import type { Opening } from './database.ts'
import type { Settings } from './environment.ts'

/**
 * Only where it was asked for: a kubeconfig that lies around is no wish to be watched. The cluster is left alone until a rule looks
 * at its pods.
 */
export async function openKubernetes(
  settings: Settings,
  { log, report, closing }: Opening & { readonly log: Logger },
): Promise<{ readonly kubernetes?: Telemetry }> {
  const { TOCSIN_KUBERNETES: from, TOCSIN_KUBERNETES_CONTEXT: context } = settings
  if (from === undefined) return {}
  const [{ openCluster }, { kubernetesTelemetry }] = await Promise.all([
    import('#workers/telemetry/kubernetes/open-cluster.ts'),
    import('#workers/telemetry/kubernetes/pods.ts'),
  ])
  const cluster = openCluster({ from, context })
  const kubernetes = kubernetesTelemetry(cluster, {
    clock: () => new Date(),
    onTrouble: ({ message }) => log.warn({ because: message }, 'Kubernetes is asked again in a moment'),
  })
  closing.add('Kubernetes', () => kubernetes.close())
  report.part('', `and Kubernetes at ${cluster.host}`)
  return { kubernetes }
}
