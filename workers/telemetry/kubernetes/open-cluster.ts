import { KubeConfig } from '@kubernetes/client-node'
import { clusterOf } from './cluster-of.ts'
import type { Cluster } from './pods.ts'

export interface ClusterAccess {
  /** The path of a kubeconfig, or `in-cluster`: the service account of the pod this runs in. */
  readonly from: string
  /** One of the kubeconfig's contexts; without it the current one. */
  readonly context?: string | undefined
}

export function openCluster(access: ClusterAccess): Cluster {
  return clusterOf(access.from === 'in-cluster' ? ownCluster() : configuredCluster(access))
}

function ownCluster(): KubeConfig {
  const config = new KubeConfig()
  config.loadFromCluster()
  if (/\/\/(undefined)?:/.test(config.getCurrentCluster()?.server ?? ''))
    throw new Error(
      'TOCSIN_KUBERNETES is in-cluster, but this runs in no pod: KUBERNETES_SERVICE_HOST is not set. Name a kubeconfig instead.',
    )
  return config
}

function configuredCluster({ from, context }: ClusterAccess): KubeConfig {
  const config = new KubeConfig()
  const problem = problemWith(() => config.loadFromFile(from))
  if (problem !== undefined) throw new Error(`TOCSIN_KUBERNETES: ${from} ${problem}.`)
  if (context !== undefined) config.setCurrentContext(context)
  if (!config.getCurrentCluster()) {
    const names = config.getContexts().map(({ name }) => name)
    throw new Error(
      `TOCSIN_KUBERNETES: ${from} has no ${context === undefined ? 'current context' : `context ${context}`} with a cluster; it has ${names.join(', ') || 'none at all'}.`,
    )
  }
  return config
}

/** What the reader of YAML says of a file quotes it, and there are tokens in it. */
function problemWith(load: () => void): string | undefined {
  try {
    load()
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === undefined ? 'is no kubeconfig' : `cannot be read (${code})`
  }
}
