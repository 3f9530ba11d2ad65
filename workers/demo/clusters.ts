import { randomBytes } from 'node:crypto'
import { setImmediate as giveWay, setTimeout as sleep } from 'node:timers/promises'
import type { V1Pod } from '@kubernetes/client-node'
import { type ClusterPlace, forgetClusterPlace, saveClusterPlace } from './cluster-place.ts'
import type { ClusterStore } from './cluster-rules.ts'
import type { Seed } from './dice.ts'
import { ElasticsearchApi } from './elasticsearch/api.ts'
import { answerOver } from './elasticsearch/serve.ts'
import { ApiServer } from './kubernetes/api-server.ts'
import { Logging, loggingCluster } from './logging.ts'
import { type LoopbackServer, serveOnLoopback } from './loopback.ts'
import { Outage } from './outage.ts'
import { podsAt } from './pods.ts'
import type { World } from './world.ts'

interface ClustersOptions {
  readonly world: World
  readonly seed: Seed
  readonly stores: readonly ClusterStore[]
  /** Where other processes look them up. */
  readonly folder: string
}

export interface Clusters {
  /** They hold what they would at that instant. */
  follow(at: Date): Promise<void>
  close(): Promise<void>
}

/** One that holds something, and a door to it. */
interface Cluster {
  readonly server: LoopbackServer
  follow(at: number): Promise<void>
}

/** A small Elasticsearch and a small Kubernetes of the shop's own, on loopback, for whoever knows the token. */
export async function openClusters({ world, seed, stores, folder }: ClustersOptions): Promise<Clusters> {
  const token = randomBytes(24).toString('hex')
  const open = { elasticsearch: openElasticsearch, kubernetes: openKubernetes }
  const clusters = new Map<ClusterStore, Cluster>()
  for (const store of stores) clusters.set(store, await open[store](world, seed, token))
  const urls = [...clusters].map(([store, { server }]) => [store, server.url])
  const place: ClusterPlace = { token, ...Object.fromEntries(urls) }
  let isKnown = false
  return {
    follow: async (at) => {
      for (const cluster of clusters.values()) await cluster.follow(at.getTime())
      // Not before there is something to be seen.
      if (!isKnown) await saveClusterPlace(folder, place)
      isKnown = true
    },
    close: async () => {
      await forgetClusterPlace(folder)
      for (const { server } of clusters.values()) await server.close()
    },
  }
}

async function openElasticsearch(world: World, seed: Seed, apiKey: string): Promise<Cluster> {
  const api = new ElasticsearchApi({ name: loggingCluster, apiKey })
  const logging = new Logging(api, world, seed)
  return {
    server: await serveOnLoopback(answerOver(api)),
    follow: (at) => logging.follow(at, giveWay),
  }
}

/** Often enough that nobody who watches thinks the connection dead. */
const bookmarkEveryMs = 20_000

async function openKubernetes(world: World, seed: Seed, token: string): Promise<Cluster> {
  const api = new ApiServer({ token })
  let known = new Map<string, { readonly pod: V1Pod; readonly text: string }>()
  let bookmarkedAt = 0
  return {
    server: await serveOnLoopback((request, response) => api.handle(request, response)),
    follow: async (at) => {
      const pods = podsAt(world, at, seed).map((pod) => ({ pod, text: JSON.stringify(pod) }))
      const now = new Map(pods.map((one) => [one.pod.metadata?.name ?? '', one]))
      for (const [name, { pod }] of known) if (!now.has(name)) api.removePod(pod)
      for (const [name, { pod, text }] of now) if (known.get(name)?.text !== text) api.putPod(pod)
      known = now
      if (at - bookmarkedAt < bookmarkEveryMs) return
      api.bookmark()
      bookmarkedAt = at
    },
  }
}

const tickMs = 1000

interface ClustersDemo extends ClustersOptions {
  readonly clock: () => Date
  /** Told once when they begin not to be kept up; it is tried again every second. */
  readonly onError: (error: unknown) => void
}

/** Opens them as they are now, then keeps them so until closed. */
export async function startClusters(options: ClustersDemo): Promise<{ close(): Promise<void> }> {
  const clusters = await openClusters(options)
  const closing = new AbortController()
  await clusters.follow(options.clock())
  const running = keepUp(clusters, options, closing.signal)
  return {
    async close() {
      closing.abort()
      await running
      await clusters.close()
    },
  }
}

async function keepUp(
  clusters: Clusters,
  { clock, onError }: Pick<ClustersDemo, 'clock' | 'onError'>,
  signal: AbortSignal,
): Promise<void> {
  const outage = new Outage({ clock, onError, report: () => undefined })
  while (!signal.aborted) {
    await sleep(tickMs, undefined, { signal }).catch(() => undefined)
    if (!signal.aborted) await outage.watch(() => clusters.follow(clock()))
  }
}
