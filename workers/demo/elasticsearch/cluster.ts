import type { estypes } from '@elastic/elasticsearch'
import type { MadeUpIndex } from './indices.ts'

export interface MadeUpNode {
  readonly name: string
  readonly roles: estypes.NodeRoles
  totalBytes: number
  availableBytes: number
  /** It is in the cluster, but does not answer what it is asked. */
  silent?: boolean
  /** Copies of shards that lie on it; only told, as the frozen tier's are. */
  shards?: number
}

export interface MadeUpCluster {
  name: string
  readonly nodes: Map<string, MadeUpNode>
  readonly indices: Map<string, MadeUpIndex>
  readonly transient: Record<string, string>
  readonly persistent: Record<string, string>
}

function isDataNode({ roles }: MadeUpNode): boolean {
  return roles.some((role) => role === 'data' || role.startsWith('data_'))
}

/** No two copies of a shard on one node: what has no node to be on is not assigned. */
export function healthOf({ name, nodes, indices }: MadeUpCluster): estypes.ClusterHealthResponse {
  const dataNodes = [...nodes.values()].filter(isDataNode).length
  let active = 0
  let activePrimaries = 0
  let unassigned = 0
  let unassignedPrimaries = 0
  for (const { shards, replicas, lost } of indices.values()) {
    const copies = Math.min(replicas, Math.max(0, dataNodes - 1))
    const primaries = dataNodes === 0 ? 0 : shards.length - lost.size
    activePrimaries += primaries
    active += primaries * (1 + copies)
    unassignedPrimaries += shards.length - primaries
    unassigned += shards.length * (1 + replicas) - primaries * (1 + copies)
  }
  return {
    cluster_name: name,
    status: unassignedPrimaries > 0 ? 'red' : unassigned > 0 ? 'yellow' : 'green',
    timed_out: false,
    number_of_nodes: nodes.size,
    number_of_data_nodes: dataNodes,
    active_primary_shards: activePrimaries,
    active_shards: active,
    relocating_shards: 0,
    initializing_shards: 0,
    unassigned_shards: unassigned,
    unassigned_primary_shards: unassignedPrimaries,
    delayed_unassigned_shards: 0,
    number_of_pending_tasks: 0,
    number_of_in_flight_fetch: 0,
    task_max_waiting_in_queue_millis: 0,
    active_shards_percent_as_number: active + unassigned === 0 ? 100 : (100 * active) / (active + unassigned),
  }
}

export function nodesStatsOf({ name, nodes }: MadeUpCluster): estypes.NodesStatsResponse {
  const all = [...nodes.values()]
  const answering = all.filter((node) => !node.silent)
  return {
    _nodes: { total: all.length, successful: answering.length, failed: all.length - answering.length },
    cluster_name: name,
    nodes: Object.fromEntries(
      answering.map((node) => [
        `id-of-${node.name}`,
        {
          name: node.name,
          roles: node.roles,
          indices: { shard_stats: { total_count: node.shards ?? 0 } },
          fs: {
            timestamp: 0,
            total: {
              total_in_bytes: node.totalBytes,
              free_in_bytes: node.availableBytes,
              available_in_bytes: node.availableBytes,
            },
          },
        },
      ]),
    ),
  }
}

/** Every value is text, whatever it is. */
export function settingsOf({ transient, persistent }: MadeUpCluster): estypes.ClusterGetSettingsResponse {
  const defaults = {
    'cluster.max_shards_per_node': '1000',
    'cluster.max_shards_per_node.frozen': '3000',
    'cluster.name': 'elasticsearch',
  }
  return {
    transient,
    persistent,
    defaults: Object.fromEntries(
      Object.entries(defaults).filter(([name]) => !(name in transient) && !(name in persistent)),
    ),
  }
}
