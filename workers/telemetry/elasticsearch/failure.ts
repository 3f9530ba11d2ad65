import { errors } from '@elastic/elasticsearch'
import { z } from 'zod'
import { TelemetryUnavailable, Unanswerable, type Unavailability } from '#engine/telemetry/telemetry.ts'

/** `index`: what was to be read; without it, the cluster itself. */
export interface Asked {
  readonly where: string
  readonly index?: string
}

const advice: Readonly<Record<Unavailability, string>> = {
  unreachable: 'cannot be reached: see whether it runs and whether ELASTICSEARCH_URL names it rightly',
  slow: 'did not answer in time: see what else it is doing',
  overloaded: 'has no capacity left: see what else it is doing',
  refused:
    'does not know us: see ELASTICSEARCH_API_KEY, or the name and password in ELASTICSEARCH_URL, and whether they have expired',
}

/** Puts a failure into words for people, and tells the cluster's faults from the question's. */
export function explain(error: unknown, asked: Asked): Error {
  if (error instanceof TelemetryUnavailable || error instanceof Unanswerable) return error
  const because = reasonOf(error)
  if (because !== undefined) {
    const message = `Elasticsearch at ${asked.where} ${advice[because]} (${detailOf(error)})`
    return new TelemetryUnavailable('elasticsearch', because, message, { cause: error })
  }
  return new Unanswerable(`Elasticsearch at ${asked.where} ${refusal(error, asked)}`, { cause: error })
}

function reasonOf(error: unknown): Unavailability | undefined {
  if (error instanceof errors.TimeoutError) return 'slow'
  if (error instanceof errors.ConnectionError || error instanceof errors.NoLivingConnectionsError)
    return 'unreachable'
  if (!(error instanceof errors.ResponseError)) return undefined
  // Shards that are missing blind those who look at them, and nobody else.
  if (typeOf(error) === 'search_phase_execution_exception') return undefined
  return becauseByStatus.get(error.statusCode ?? 0)
}

const becauseByStatus: ReadonlyMap<number, Unavailability> = new Map([
  [401, 'refused'],
  [408, 'slow'],
  [429, 'overloaded'],
  [502, 'unreachable'],
  [503, 'unreachable'],
  [504, 'slow'],
])

function refusal(error: unknown, { index }: Asked): string {
  if (error instanceof errors.ProductNotSupportedError)
    return 'is something else: see whether ELASTICSEARCH_URL names the cluster itself, version 8 or 9 (OpenSearch is not spoken to)'
  if (error instanceof z.ZodError)
    return `gave an answer that could not be understood: ${z.prettifyError(error).slice(0, 300)}`
  if (error instanceof errors.DeserializationError)
    return 'gave an answer that is no JSON: see whether something stands between it and us'
  if (!(error instanceof errors.ResponseError)) return `could not be asked: ${detailOf(error)}`
  if (error.statusCode === 403)
    return index === undefined
      ? `does not let us look at the cluster: grant the cluster privilege "monitor" (${detailOf(error)})`
      : `does not let us read ${index}: grant the index privilege "read" on it (${detailOf(error)})`
  if (error.statusCode === 404 && index !== undefined) return `has no index ${index}: see its name`
  return `refused the question: ${detailOf(error)}`
}

/** In its own words, without what was sent: a URL or a header may hold a secret. */
function detailOf(error: unknown): string {
  if (!(error instanceof errors.ResponseError)) return messageOf(error)
  const parsed = refusedBody.safeParse(error.body)
  const cause = parsed.data?.error.root_cause?.[0] ?? parsed.data?.error
  return cause ? `${cause.type}: ${cause.reason ?? ''}`.slice(0, 300) : `status ${error.statusCode}`
}

function typeOf(error: errors.ResponseError): string | undefined {
  return refusedBody.safeParse(error.body).data?.error.type
}

const cause = z.object({ type: z.string(), reason: z.string().nullish() })

const refusedBody = z.object({ error: cause.extend({ root_cause: z.array(cause).optional() }) })

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 200)
}
