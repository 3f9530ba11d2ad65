import { AuthorizationError, type webApi } from '@slack/bolt'
import type { Logger } from 'pino'
import { strangersAreRefused } from './refusal.ts'
import { whisperTo } from './tell.ts'

/** Bolt answers a request of another workspace with an empty 200; whoever clicked should hear why nothing happens. */
export function refuseForeignRequest(log: Logger, fetch: webApi.FetchFunction) {
  return async ({ error, body }: { error: Error; body: object }): Promise<void> => {
    if (!(error instanceof AuthorizationError)) {
      log.error({ err: error }, 'a request from Slack failed outside of every listener')
      return
    }
    log.warn({ because: error.message }, 'refused a request of another workspace')
    const responseUrl = 'response_url' in body ? body.response_url : undefined
    if (typeof responseUrl !== 'string') return
    await whisperTo(
      responseUrl,
      fetch,
    )(strangersAreRefused).catch((cause: unknown) => {
      log.warn({ err: cause }, 'could not tell somebody of another workspace why nothing happened')
    })
  }
}
