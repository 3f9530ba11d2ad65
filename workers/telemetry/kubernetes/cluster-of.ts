import { type ApiAccess, openCollection } from './cluster.ts'
import type { Cluster } from './pods.ts'
import type { WireJob, WirePod } from './wire.ts'

export function clusterOf(access: ApiAccess): Cluster {
  const server = access.getCurrentCluster()?.server ?? ''
  const url = URL.parse(server)
  if (!url) throw new Error('TOCSIN_KUBERNETES: the cluster of its context has no server that is a URL.')
  return {
    host: url.host,
    pods: openCollection<WirePod>(access, '/api/v1/pods', 'pods'),
    jobs: openCollection<WireJob>(access, '/apis/batch/v1/jobs', 'jobs'),
  }
}
