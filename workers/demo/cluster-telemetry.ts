import { type Store, type Telemetry, TelemetryUnavailable } from '#engine/telemetry/telemetry.ts'
import { watchByAsking } from '#engine/telemetry/watch-by-asking.ts'
import { connectElasticsearch } from '#workers/telemetry/elasticsearch/connection.ts'
import { elasticsearchTelemetry } from '#workers/telemetry/elasticsearch/reader.ts'
import type { ApiAccess } from '#workers/telemetry/kubernetes/cluster.ts'
import { clusterOf } from '#workers/telemetry/kubernetes/cluster-of.ts'
import { kubernetesTelemetry } from '#workers/telemetry/kubernetes/pods.ts'
import type { ClusterPlace } from './cluster-place.ts'
import type { ClusterStore } from './cluster-rules.ts'

export interface ClusterTelemetry extends Telemetry {
  close(): Promise<void>
}

interface ClusterTelemetryOptions {
  readonly findPlace: () => Promise<ClusterPlace | undefined>
  readonly clock: () => Date
}

interface Reached {
  readonly url: string
  readonly token: string
  readonly telemetry: Telemetry
  readonly close: () => Promise<void> | void
}

/** A made-up cluster, asked by the clients that ask real ones, wherever it is now: whoever serves it may be another process. */
export function clusterTelemetry(
  store: ClusterStore,
  { findPlace, clock }: ClusterTelemetryOptions,
): ClusterTelemetry {
  let reached: Reached | undefined
  const reach = async (): Promise<Telemetry> => {
    const place = await findPlace()
    const url = place?.[store]
    if (!place || url === undefined) throw absent(store)
    if (reached?.url !== url || reached.token !== place.token) {
      const left = reached
      reached = { url, token: place.token, ...connect[store](url, place.token, clock) }
      await left?.close()
    }
    return reached.telemetry
  }
  const telemetry: ClusterTelemetry = {
    ask: async (questions, at) => (await reach()).ask(questions, at),
    watch: (questions) => watchByAsking(telemetry, questions),
    trace: async (question, slots) => (await reach()).trace(question, slots),
    close: async () => {
      await reached?.close()
      reached = undefined
    },
  }
  return telemetry
}

const connect: Readonly<
  Record<
    ClusterStore,
    (url: string, token: string, clock: () => Date) => Pick<Reached, 'telemetry' | 'close'>
  >
> = {
  elasticsearch: (url, apiKey) => {
    const connection = connectElasticsearch({ urls: [url], apiKey })
    return { telemetry: elasticsearchTelemetry(connection), close: () => connection.close() }
  },
  kubernetes: (url, token, clock) => {
    const telemetry = kubernetesTelemetry(clusterOf(withToken(url, token)), { clock })
    return { telemetry, close: () => telemetry.close() }
  },
}

function withToken(server: string, token: string): ApiAccess {
  return {
    getCurrentCluster: () => ({ name: 'demo', server, skipTLSVerify: false }),
    applySecurityAuthentication: async (request) =>
      request.setHeaderParam('Authorization', `Bearer ${token}`),
  }
}

const names = {
  elasticsearch: ['Elasticsearch', 'ELASTICSEARCH_URL'],
  kubernetes: ['Kubernetes', 'TOCSIN_KUBERNETES'],
} as const satisfies Partial<Record<Store, readonly [string, string]>>

function absent(store: ClusterStore): TelemetryUnavailable {
  const [name, variable] = names[store]
  const message = `The demo's made-up ${name} is not there: "npm start" or "npm run workers" serves it. For one of your own set ${variable}.`
  return new TelemetryUnavailable(store, 'unreachable', message)
}
