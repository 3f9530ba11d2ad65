/** What rules ask of Elasticsearch: how the cluster is, and what the logs kept in it say about HTTP. */
export type ElasticsearchQuestion =
  | ClusterHealthQuestion
  | NodeDisksQuestion
  | ShardCapacityQuestion
  | HttpResponsesQuestion
  | HttpClientsQuestion

export type ElasticsearchAnswer =
  | ClusterHealthAnswer
  | NodeDisksAnswer
  | ShardCapacityAnswer
  | HttpResponsesAnswer
  | HttpClientsAnswer

/** A cluster knows how it is, not how it was: its questions have no window. */
interface ClusterQuestion {
  readonly environment: string
  readonly windowSeconds: 0
}

interface ClusterHealthQuestion extends ClusterQuestion {
  readonly about: 'cluster-health'
}

export const clusterColours = ['green', 'yellow', 'red'] as const

export interface ClusterHealthAnswer {
  readonly about: 'cluster-health'
  readonly cluster: string
  readonly colour: (typeof clusterColours)[number]
  readonly unassignedShards: number
  readonly initializingShards: number
  readonly nodes: number
}

interface NodeDisksQuestion extends ClusterQuestion {
  readonly about: 'node-disks'
}

export interface NodeDisksAnswer {
  readonly about: 'node-disks'
  /** The nodes that hold data, and those alone. */
  readonly nodes: readonly { readonly name: string; readonly used: number; readonly availableBytes: number }[]
}

interface ShardCapacityQuestion extends ClusterQuestion {
  readonly about: 'shard-capacity'
}

export interface ShardCapacityAnswer {
  readonly about: 'shard-capacity'
  readonly cluster: string
  /** Everything that counts against the limit: also what is not assigned to any node. */
  readonly used: number
  readonly limit: number
}

/** Which documents are HTTP responses, and what their fields are called. */
export interface HttpLog {
  /** An index, an alias, a data stream, a pattern; several separated by commas. */
  readonly index: string
  readonly timeField: string
  readonly statusField: string
  /** Only those whose `field` says `value`, word by word. */
  readonly only?: { readonly field: string; readonly value: string }
}

interface HttpLogQuestion extends HttpLog {
  readonly environment: string
  readonly windowSeconds: number
  /** How long a document may be on its way: what is older is settled. */
  readonly ingestDelaySeconds: number
}

export interface HttpResponsesQuestion extends HttpLogQuestion {
  readonly about: 'http-responses'
}

export interface ResponseFigures {
  readonly count: number
  /** Of those with a status of 500 and above. */
  readonly failed: number
}

export interface HttpResponsesAnswer {
  readonly about: 'http-responses'
  readonly early: ResponseFigures
  readonly settled: ResponseFigures
}

export interface HttpClientsQuestion extends HttpLogQuestion {
  readonly about: 'http-clients'
  /** Holds one address; with trusted hops, a whole X-Forwarded-For header. */
  readonly clientField: string
  /** How many of the addresses in it were written by proxies of our own, counted from the right; 0 = it holds one address. */
  readonly trustedHops: number
  /** Counts have to be exact around this many 4xx responses, and need not be elsewhere. */
  readonly around: number
}

export interface ClientFigures {
  /** Those with the most responses of status 4xx, the most first. */
  readonly clients: readonly { readonly client: string; readonly rejected: number }[]
  /** Responses to clients that are not among them. */
  readonly others: number
}

export interface HttpClientsAnswer {
  readonly about: 'http-clients'
  readonly early: ClientFigures
  readonly settled: ClientFigures
}
