import { z } from 'zod'
import {
  type ClusterHealthAnswer,
  clusterColours,
  type NodeDisksAnswer,
  type ShardCapacityAnswer,
} from '#engine/telemetry/elasticsearch.ts'
import { Unanswerable } from '#engine/telemetry/telemetry.ts'
import type { ElasticsearchConnection } from './connection.ts'

const healthSchema = z.object({
  cluster_name: z.string(),
  status: z.enum(clusterColours),
  timed_out: z.literal(false),
  number_of_nodes: z.number(),
  active_shards: z.number(),
  initializing_shards: z.number(),
  unassigned_shards: z.number(),
})

type Health = z.infer<typeof healthSchema>

const nodesSchema = z.object({
  _nodes: z.object({ total: z.number(), successful: z.number(), failed: z.number() }),
  nodes: z.record(
    z.string(),
    z.object({
      name: z.string(),
      roles: z.array(z.string()),
      fs: z.object({
        total: z.object({
          total_in_bytes: z.number().optional(),
          available_in_bytes: z.number().optional(),
        }),
      }),
      indices: z.object({ shard_stats: z.object({ total_count: z.number() }).optional() }).optional(),
    }),
  ),
})

type Node = z.infer<typeof nodesSchema>['nodes'][string]

const settingsSchema = z.object({
  transient: z.record(z.string(), z.unknown()),
  persistent: z.record(z.string(), z.unknown()),
  defaults: z.record(z.string(), z.unknown()),
})

/** One look at the cluster for all rules of a tick: each part is fetched once, when the first of them wants it. */
export interface ClusterSnapshot {
  health(): Promise<ClusterHealthAnswer>
  disks(): Promise<NodeDisksAnswer>
  shards(): Promise<ShardCapacityAnswer>
}

export function clusterSnapshot({ client }: ElasticsearchConnection): ClusterSnapshot {
  const health = once(async () =>
    healthSchema.parse(await client.cluster.health({ master_timeout: '5s', timeout: '5s' })),
  )
  const nodes = once(async () => {
    const metrics = { metric: ['fs', 'indices'], index_metric: 'shard_stats', timeout: '5s' }
    return everyNode(nodesSchema.parse(await client.nodes.stats(metrics)))
  })
  const settings = once(async () => {
    const everything = { include_defaults: true, flat_settings: true, master_timeout: '5s' }
    return settingsSchema.parse(await client.cluster.getSettings(everything))
  })
  return {
    health: async () => healthAnswer(await health()),
    disks: async () => disksAnswer(await nodes()),
    shards: async () => shardsAnswer(await health(), await nodes(), await settings()),
  }
}

function once<Part>(fetchPart: () => Promise<Part>): () => Promise<Part> {
  let part: Promise<Part> | undefined
  return () => (part ??= fetchPart())
}

/** A node that did not answer is not a node that is gone: its disk would look well. */
function everyNode({ _nodes: { total, failed }, nodes }: z.infer<typeof nodesSchema>): Node[] {
  if (failed > 0)
    throw new Unanswerable(
      `${failed} of ${total} nodes did not say how they are: see whether they are overloaded.`,
    )
  return Object.values(nodes)
}

function healthAnswer(health: Health): ClusterHealthAnswer {
  return {
    about: 'cluster-health',
    cluster: health.cluster_name,
    colour: health.status,
    unassignedShards: health.unassigned_shards,
    initializingShards: health.initializing_shards,
    nodes: health.number_of_nodes,
  }
}

/** As cat nodes and the disk watermarks count: what is not available is used. */
function disksAnswer(nodes: readonly Node[]): NodeDisksAnswer {
  return {
    about: 'node-disks',
    nodes: nodes.filter(holdsData).map(({ name, fs: { total } }) => {
      const { total_in_bytes: size, available_in_bytes: availableBytes } = total
      if (size === undefined || availableBytes === undefined || size <= 0)
        throw new Unanswerable(`Node ${name} does not know how large its disk is: see the log of that node.`)
      return { name, used: (size - availableBytes) / size, availableBytes }
    }),
  }
}

const perNodeSetting = 'cluster.max_shards_per_node'

/** Shards of the frozen tier have a limit of their own (`cluster.max_shards_per_node.frozen`) and are left out. */
function shardsAnswer(
  health: Health,
  nodes: readonly Node[],
  settings: z.infer<typeof settingsSchema>,
): ShardCapacityAnswer {
  const { transient, persistent, defaults } = settings
  const said = transient[perNodeSetting] ?? persistent[perNodeSetting] ?? defaults[perNodeSetting]
  const perNode = z.coerce.number().positive().parse(said)
  const frozen = nodes
    .filter(isFrozen)
    .reduce((sum, node) => sum + (node.indices?.shard_stats?.total_count ?? 0), 0)
  const everywhere = health.active_shards + health.initializing_shards + health.unassigned_shards
  return {
    about: 'shard-capacity',
    cluster: health.cluster_name,
    used: everywhere - frozen,
    limit: perNode * nodes.filter((node) => holdsData(node) && !isFrozen(node)).length,
  }
}

function holdsData({ roles }: Node): boolean {
  return roles.some((role) => role === 'data' || role.startsWith('data_'))
}

/** A node for frozen data alone. */
function isFrozen({ roles }: Node): boolean {
  const dataRoles = roles.filter((role) => role === 'data' || role.startsWith('data_'))
  return dataRoles.length > 0 && dataRoles.every((role) => role === 'data_frozen')
}
