import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Memory } from '#db/client.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { countRules, saveRules } from '#db/repositories/rules.ts'
import { parseRuleDraft } from '#engine/rule/rule.ts'
import { findClusterPlace } from '#workers/demo/cluster-place.ts'
import { clusterRules, type ClusterStore } from '#workers/demo/cluster-rules.ts'
import { type ClusterTelemetry, clusterTelemetry } from '#workers/demo/cluster-telemetry.ts'
import { startClusters } from '#workers/demo/clusters.ts'
import { demoSeed, startDemo } from '#workers/demo/feed.ts'
import { starterRules } from '#workers/demo/starter-rules.ts'
import { buildWorld } from '#workers/demo/world.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import type { Opening } from './database.ts'
import type { Settings } from './environment.ts'

/** The clusters that are made up: those nobody has named one of their own for. */
export function madeUpClusters(settings: Settings): readonly ClusterStore[] {
  return [
    ...(settings.ELASTICSEARCH_URL === undefined ? (['elasticsearch'] as const) : []),
    ...(settings.TOCSIN_KUBERNETES === undefined ? (['kubernetes'] as const) : []),
  ]
}

/** Asks the made-up clusters; they are served by whichever process feeds the demo. */
export function openClusterTelemetry(
  clusters: readonly ClusterStore[],
  { settings, report, closing }: Opening & { readonly settings: Settings },
): Partial<Record<ClusterStore, ClusterTelemetry>> {
  const opened: Partial<Record<ClusterStore, ClusterTelemetry>> = {}
  for (const store of clusters) {
    const telemetry = clusterTelemetry(store, {
      findPlace: () => findClusterPlace(clusterFolder(settings)),
      clock: () => new Date(),
    })
    closing.add(`made-up ${store}`, () => telemetry.close())
    opened[store] = telemetry
  }
  const names = clusters.map((store) => ({ elasticsearch: 'Elasticsearch', kubernetes: 'Kubernetes' })[store])
  if (names.length > 0) report.part('', `and a made-up ${names.join(' and ')}`)
  return opened
}

function clusterFolder({ dataFolder }: Settings): string {
  return join(dataFolder, 'demo')
}

interface DemoOptions extends Opening {
  readonly settings: Settings
  readonly clusters: readonly ClusterStore[]
  readonly memory: Memory
  readonly store: TelemetryStore
  readonly clock: () => Date
  readonly log: Logger
}

/** A made-up system to watch, and rules to watch it with: only where nobody has made a rule yet. */
export async function openDemo(options: DemoOptions): Promise<void> {
  const { memory, store, clusters, clock, log, report, closing } = options
  const release = await memory.hold('tocsin demo')
  if (!release) return report.part('demo', 'another Tocsin feeds the store already')
  closing.add('demo lock', release)
  if ((await countRules(memory.db)) === 0) {
    const added = await addStarterRules(memory, clusters, clock())
    report.part('rules', `${added} starter rules; ask for them with /alert rule list`)
  }
  const world = buildWorld(clock().getTime())
  const folder = clusterFolder(options.settings)
  const made = startClusters({
    world,
    seed: demoSeed,
    stores: clusters,
    folder,
    clock,
    onError: (error) => log.warn({ err: error }, 'the made-up clusters could not be kept up'),
  })
  const demo = startDemo({
    store,
    world,
    clock,
    report: (line) => report.part('demo', line.replace(/^Demo: /, '')),
    onError: (error) => log.warn({ err: error }, 'the demo could not feed the store'),
  })
  closing.add('demo', async () => (await demo).close())
  closing.add('made-up clusters', async () => (await made).close())
  await Promise.all([made, demo])
}

async function addStarterRules(
  { db }: Memory,
  clusters: readonly ClusterStore[],
  now: Date,
): Promise<number> {
  const starters = [...starterRules, ...clusters.flatMap((store) => clusterRules[store])]
  const rules = starters.map((starter) => {
    const parsed = parseRuleDraft(starter)
    if ('problems' in parsed)
      throw new Error(`the starter rule "${starter.name}" is refused: ${JSON.stringify(parsed.problems)}`)
    return { ...parsed.draft, id: randomUUID(), environment: firstEnvironment.slug, createdAt: now }
  })
  await saveRules(db, rules, 'Tocsin')
  return rules.length
}
