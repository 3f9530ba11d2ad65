import { Client } from '@elastic/elasticsearch'

export interface ElasticsearchSettings {
  /** The nodes to ask, by turns. The first with a name and a password in its URL says who we are to all of them. */
  readonly urls: readonly string[]
  readonly apiKey?: string | undefined
  /** The certificate that signed the nodes' own, as PEM. */
  readonly ca?: string | undefined
  readonly requestTimeoutMs?: number
}

export interface ElasticsearchConnection {
  readonly client: Client
  /** Where it is, without secrets. */
  readonly where: string
  readonly requestTimeoutMs: number
  close(): Promise<void>
}

/** The 8.19 client speaks to servers of version 8 and 9: it asks for the answers of 8, which 9 still gives. */
export function connectElasticsearch(settings: ElasticsearchSettings): ElasticsearchConnection {
  const { urls, apiKey, ca, requestTimeoutMs = 10_000 } = settings
  const client = new Client({
    nodes: [...urls],
    requestTimeout: requestTimeoutMs,
    // Each node once: the next tick asks again anyway, and one dead node of three is no dead cluster.
    maxRetries: urls.length - 1,
    ...(apiKey !== undefined && { auth: { apiKey } }),
    ...(ca !== undefined && { tls: { ca } }),
  })
  return {
    client,
    where: urls.map((url) => new URL(url).host).join(', '),
    requestTimeoutMs,
    close: () => client.close(),
  }
}
