import { performance } from 'node:perf_hooks'
import { request } from 'undici'
import type { Egress } from '#workers/egress/egress.ts'
import { EgressRefused } from '#workers/egress/guarded-connect.ts'

/** What became of one request. `later`: worth another try soon; `never`: not before something changes. */
type Posted =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly retry: 'later' | 'never'; readonly because: string }

export type PostWebhook = (url: string, body: string, timeoutMs?: number) => Promise<Posted>

const headers = { 'content-type': 'application/json', 'user-agent': 'Tocsin' }
const mostAnswerBytes = 64 * 1024
/** For all of it: who answers a byte at a time is late too. */
const usualTimeoutMs = 10_000

/** `took`: how many seconds each of them took, whatever came of it. */
export function timed(post: PostWebhook, took: (seconds: number) => void): PostWebhook {
  return async (...given) => {
    const began = performance.now()
    try {
      return await post(...given)
    } finally {
      took((performance.now() - began) / 1000)
    }
  }
}

/** One POST, no redirects; 2xx is success, 5xx, 429 and a broken connection are worth trying again. */
export function webhookPoster({ agent }: Egress): PostWebhook {
  return async (url, body, timeoutMs = usualTimeoutMs) => {
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const answer = await request(url, { method: 'POST', headers, body, dispatcher: agent, signal })
      // Its status has said everything; what else it has to say is not waited for.
      answer.body.dump({ limit: mostAnswerBytes, signal }).catch(() => undefined)
      const { statusCode } = answer
      if (statusCode >= 200 && statusCode < 300) return { kind: 'taken' }
      const retry = statusCode >= 500 || statusCode === 429 ? 'later' : 'never'
      return { kind: 'refused', retry, because: `It answered ${statusCode}.` }
    } catch (error) {
      return { kind: 'refused', retry: isRefusal(error) ? 'never' : 'later', because: reasonOf(error) }
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof EgressRefused || (error instanceof Error && error.cause instanceof EgressRefused)
}

/** Never the URL, which may carry a secret. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'It could not be reached.'
  if (isRefusal(error)) return error.cause instanceof EgressRefused ? error.cause.message : error.message
  if (error.name === 'TimeoutError') return 'It took too long to answer.'
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : ''
  return `It could not be reached${code}.`
}
