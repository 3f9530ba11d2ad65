import { isIP } from 'node:net'
import type { webApi } from '@slack/bolt'

const slackHosts = ['slack.com', 'hooks.slack.com', 'slack-gov.com', 'hooks.slack-gov.com']
const timeoutMs = 10_000

/**
 * The only way out of this door. A response_url comes with the request, so even a signed one may only lead to Slack
 * (or a host named in the settings), over TLS (or loopback), in one hop, within ten seconds.
 */
export function guardedFetch(apiUrl: string | undefined, moreHosts: readonly string[]): webApi.FetchFunction {
  const hosts = new Set([
    ...slackHosts,
    ...moreHosts,
    ...(apiUrl === undefined ? [] : [new URL(apiUrl).host]),
  ])

  return async function guarded(target, init) {
    const url = new URL(target)
    if (!hosts.has(url.host) && !hosts.has(url.hostname)) {
      throw new Error(
        `Refused to call ${url.host}: it is not one of Slack's hosts (${[...hosts].join(', ')})`,
      )
    }
    if (url.protocol !== 'https:' && !isLoopback(url.hostname)) {
      throw new Error(`Refused to call ${url.host} without TLS`)
    }
    const signals = [AbortSignal.timeout(timeoutMs), ...(init?.signal ? [init.signal] : [])]
    return fetch(url, { ...(init as RequestInit), redirect: 'error', signal: AbortSignal.any(signals) })
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'))
}
