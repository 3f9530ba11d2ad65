import type { ElasticsearchApi } from './elasticsearch/api.ts'
import type { MadeUpNode } from './elasticsearch/cluster.ts'
import { addIndex, indexDocuments } from './elasticsearch/indices.ts'
import type { Seed } from './dice.ts'
import { findFault } from './faults.ts'
import { observeRequests, requestFields } from './requests.ts'
import type { Span } from './span.ts'
import { stamp } from './rows.ts'
import type { World } from './world.ts'

/** In every message about it, so that nobody takes it for a cluster of their own. */
export const loggingCluster = 'demo-logs'

const diskBytes = 512 * 1024 ** 3

/** Data nodes, and how full they are on a good day. */
const dataNodes = { 'demo-data-1': 0.38, 'demo-data-2': 0.44, 'demo-data-3': 0.41 }

/** Share of its time in which a disk fills; the rest it stays full. */
const fillingShare = 0.6
const floodingSeconds = 20

/** How its nodes and their disks are at an instant. */
export function nodesAt(world: World, at: number): MadeUpNode[] {
  const lost = findFault(world, { kind: 'lost-node', app: loggingCluster, at })
  return Object.entries(dataNodes)
    .filter(([name]) => name !== lost?.fault.node)
    .map(([name, usual]) => ({
      name,
      roles: ['data', 'ingest', 'master'],
      totalBytes: diskBytes,
      availableBytes: Math.round(diskBytes * (1 - usedAt(world, { name, usual, at }))),
    }))
}

function usedAt(world: World, { name, usual, at }: { name: string; usual: number; at: number }): number {
  const active = findFault(world, { kind: 'filling-disk', app: loggingCluster, at })
  if (active?.fault.node !== name) return usual
  const { fullest, lastsSeconds } = active.fault
  return usual + (fullest - usual) * Math.min(1, active.ageSeconds / (fillingShare * lastsSeconds))
}

/** Indices that should not be there. */
function floodAt(world: World, at: number): number {
  const active = findFault(world, { kind: 'index-flood', app: loggingCluster, at })
  return active ? Math.floor(active.fault.indices * Math.min(1, active.ageSeconds / floodingSeconds)) : 0
}

const keptMs = 3_600_000
/** Each stretch of requests has an index of its own, which is removed whole. */
const stretchMs = 600_000
/** Few enough walks for one turn of the event loop. */
const sliceMs = 60_000

/** The cluster that keeps the shop's logs: brings what it holds up to an instant. */
export class Logging {
  readonly #api: ElasticsearchApi
  readonly #world: World
  readonly #seed: Seed
  #reached: number | undefined
  #flood = 0

  constructor(api: ElasticsearchApi, world: World, seed: Seed) {
    this.#api = api
    this.#world = world
    this.#seed = seed
    for (const { name } of world.services) this.#addLogsOf(name)
  }

  /** Begins an hour before the first instant; gives way to others in between. */
  async follow(at: number, giveWay: () => Promise<unknown>): Promise<void> {
    this.#standAt(at)
    const oldest = at - keptMs
    const from = Math.max(oldest, this.#reached ?? oldest)
    for (let start = from; start < at; start += sliceMs) {
      const span = { from: start, to: Math.min(start + sliceMs, at) }
      this.#write(span)
      this.#reached = span.to
      if (span.to < at) await giveWay()
    }
    this.#forget(oldest)
  }

  #standAt(at: number): void {
    const { nodes, indices } = this.#api.cluster
    nodes.clear()
    for (const node of nodesAt(this.#world, at)) nodes.set(node.name, node)
    const flood = floodAt(this.#world, at)
    for (; this.#flood < flood; this.#flood += 1)
      addIndex(indices, `demo-logs-container-${this.#flood}`, {}, copies)
    for (; this.#flood > flood; this.#flood -= 1) indices.delete(`demo-logs-container-${this.#flood - 1}`)
  }

  #write(span: Span): void {
    const { indices } = this.#api.cluster
    const documents = observeRequests(this.#world, span, this.#seed)
    const byIndex = Map.groupBy(documents, (document) => indexOf(Number(document['@timestamp'])))
    for (const [name, some] of byIndex)
      indexDocuments(
        indices.get(name) ?? addIndex(indices, name, requestFields, { shards: 1, replicas: 2 }),
        some,
      )
  }

  #forget(before: number): void {
    const { indices } = this.#api.cluster
    const oldest = indexOf(before)
    for (const name of indices.keys())
      if (name.startsWith(requestsPrefix) && name < oldest) indices.delete(name)
  }

  /** Three weeks of them, of which only how many there are matters to anybody. */
  #addLogsOf(service: string): void {
    for (let day = 1; day <= 20; day += 1)
      addIndex(this.#api.cluster.indices, `demo-logs-${service}-${day}`, {}, copies)
  }
}

/** A replica on every other data node: one that leaves leaves some without a place. */
const copies = { shards: 3, replicas: 2 }

const requestsPrefix = 'demo-gateway-'

/** `demo-gateway-2026.11.21-1340`: later ones sort after earlier ones. */
function indexOf(at: number): string {
  const [day = '', time = ''] = stamp(Math.floor(at / stretchMs) * stretchMs).split('T')
  return `${requestsPrefix}${day.replaceAll('-', '.')}-${time.slice(0, 5).replace(':', '')}`
}
