import { setTimeout as wait } from 'node:timers/promises'
import { webApi, type SocketModeReceiver } from '@slack/bolt'
import type { Logger } from 'pino'

const longestPauseMs = 30_000
const closeWithinMs = 2000

/**
 * Opens the socket and keeps it open. Slack closes it every few hours on purpose; the client's own reconnect waits
 * five seconds before it tries and, when Slack refuses, rejects a promise nobody holds, which would end the process.
 */
export async function stayConnected(
  client: SocketModeReceiver['client'],
  log: Logger,
): Promise<() => Promise<void>> {
  const closing = new AbortController()
  let isConnecting = true

  async function reconnect(): Promise<void> {
    if (isConnecting || closing.signal.aborted) return
    isConnecting = true
    for (let failures = 0; !closing.signal.aborted; failures += 1) {
      try {
        await client.start()
        log.info('the Slack socket is open again')
        break
      } catch (error) {
        const pauseMs = Math.min(longestPauseMs, 1000 * 2 ** failures)
        log.error({ err: error, pauseMs }, 'the Slack socket could not be opened again; trying on')
        await wait(pauseMs, undefined, { signal: closing.signal }).catch(() => {})
      }
    }
    isConnecting = false
  }

  client.on('disconnected', () => void reconnect())
  await client.start().catch((cause: unknown) => {
    throw new Error(socketProblem(cause), { cause })
  })
  isConnecting = false

  return async function close() {
    closing.abort()
    await Promise.race([client.disconnect(), wait(closeWithinMs, undefined, { ref: false })])
  }
}

function socketProblem(cause: unknown): string {
  if (cause instanceof webApi.WebAPIPlatformError) {
    return (
      `SLACK_APP_TOKEN was refused by Slack (${cause.data.error}). ` +
      'Expected an app-level token with the scope connections:write, which begins with xapp-.'
    )
  }
  return 'The Slack socket could not be opened; check the network, or unset SLACK_APP_TOKEN to receive over HTTP'
}
