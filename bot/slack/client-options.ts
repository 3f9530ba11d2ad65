import type { Logger, webApi } from '@slack/bolt'

/**
 * Always a fresh object: Bolt and its Socket Mode client write into the one they are given. Nothing here waits for
 * long, because a person does: a second try after a network fault, and rate limits are reported instead of slept out.
 */
export function clientOptions(parts: {
  apiUrl?: string | undefined
  fetch: webApi.FetchFunction
  logger: Logger
}): webApi.WebClientOptions {
  return {
    ...(parts.apiUrl !== undefined && { slackApiUrl: parts.apiUrl }),
    fetch: parts.fetch,
    logger: parts.logger,
    timeout: 10_000,
    retryConfig: { retries: 1, minTimeout: 250 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
  }
}
