import type { IncomingHttpHeaders } from 'node:http'
import type { estypes } from '@elastic/elasticsearch'
import { healthOf, type MadeUpCluster, nodesStatsOf, settingsOf } from './cluster.ts'
import { matches, resolveIndices } from './indices.ts'
import { Refusal } from './refusal.ts'
import { search } from './search.ts'

export interface ApiOptions {
  readonly name: string
  /** Which version it passes for: 8 does not understand what a client of 9 says. */
  readonly major?: 8 | 9 | undefined
  /** Without one everybody may come in. */
  readonly apiKey?: string | undefined
}

export interface ApiRequest {
  readonly method: string
  /** Decoded. */
  readonly path: string
  readonly parameters: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: object
}

/** What ails it at this moment. */
export interface Ailment {
  /** Whoever may come in is turned away with this. */
  readonly refusal?: Refusal | undefined
  /** Its time is over before its answer is whole. */
  readonly isLate?: boolean
}

/** No Elasticsearch: it keeps documents and nodes, and computes what is asked of it as Elasticsearch does. */
export class ElasticsearchApi {
  readonly cluster: MadeUpCluster
  readonly privileges = { monitor: true, read: ['*'] }
  readonly #major: 8 | 9
  readonly #apiKey: string | undefined

  constructor({ name, major = 8, apiKey }: ApiOptions) {
    this.cluster = { name, nodes: new Map(), indices: new Map(), transient: {}, persistent: {} }
    this.#major = major
    this.#apiKey = apiKey
  }

  answer(request: ApiRequest, ailment: Ailment = {}): ApiAnswer {
    const headers = {
      'content-type': `application/vnd.elasticsearch+json;compatible-with=${Math.min(this.#major, 8)}`,
      'x-elastic-product': 'Elasticsearch',
    }
    try {
      this.#admit(request)
      if (ailment.refusal) throw ailment.refusal
      return { status: 200, headers, body: this.#reply(request, ailment.isLate ?? false) }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { status: error.status, headers, body: error.body }
    }
  }

  #admit({ headers, body }: ApiRequest): void {
    const major = this.#major
    for (const type of [headers.accept, body === '' ? undefined : headers['content-type']]) {
      const wanted = /compatible-with=(\d+)/.exec(type ?? '')?.[1]
      if (wanted !== undefined && Number(wanted) !== major && Number(wanted) !== major - 1)
        throw new Refusal(
          400,
          'media_type_header_exception',
          `Invalid media-type value on headers [Accept, Content-Type]: ${wanted}`,
        )
    }
    if (this.#apiKey !== undefined && headers.authorization !== `ApiKey ${this.#apiKey}`)
      throw new Refusal(401, 'security_exception', 'unable to authenticate with provided credentials')
  }

  #reply(request: ApiRequest, isLate: boolean): object {
    const line = `${request.method} ${request.path}`
    const place = /^POST \/(.+)\/_search$/.exec(line)?.[1]
    if (place !== undefined) return this.#search(place, request, isLate)
    const route = clusterRoutes[line]
    if (!route) throw new Refusal(400, 'illegal_argument_exception', `no handler found for uri [${line}]`)
    onlyParameters(line, request.parameters, route.parameters)
    if (!this.privileges.monitor)
      throw new Refusal(
        403,
        'security_exception',
        `action [${route.action}] is unauthorized for this user, this action is granted by the cluster privileges [monitor]`,
      )
    return route.answer(this.cluster)
  }

  #search(place: string, { parameters, body }: ApiRequest, isLate: boolean): object {
    onlyParameters('/_search', parameters, ['ignore_unavailable', 'allow_no_indices'])
    const indices = resolveIndices(this.cluster.indices, place, {
      ignoreUnavailable: parameters.get('ignore_unavailable') === 'true',
      allowNoIndices: parameters.get('allow_no_indices') !== 'false',
      mayRead: (name) => this.privileges.read.some((pattern) => matches(pattern, name)),
    })
    return search(indices, parseSearch(body), isLate)
  }
}

function parseSearch(body: string): estypes.SearchRequest {
  try {
    return JSON.parse(body) as estypes.SearchRequest
  } catch {
    throw new Refusal(400, 'x_content_parse_exception', 'the body is no JSON')
  }
}

interface ClusterRoute {
  readonly action: string
  readonly parameters: readonly string[]
  readonly answer: (cluster: MadeUpCluster) => object
}

const clusterRoutes: Readonly<Record<string, ClusterRoute>> = {
  'GET /_cluster/health': {
    action: 'cluster:monitor/health',
    parameters: ['master_timeout', 'timeout'],
    answer: healthOf,
  },
  'GET /_nodes/stats/fs,indices/shard_stats': {
    action: 'cluster:monitor/nodes/stats',
    parameters: ['timeout'],
    answer: nodesStatsOf,
  },
  'GET /_cluster/settings': {
    action: 'cluster:monitor/settings',
    parameters: ['include_defaults', 'flat_settings', 'master_timeout'],
    answer: settingsOf,
  },
}

function onlyParameters(line: string, parameters: URLSearchParams, known: readonly string[]): void {
  const unknown = [...parameters.keys()].find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new Refusal(
      400,
      'illegal_argument_exception',
      `request [${line}] contains unrecognized parameter: [${unknown}]`,
    )
}
