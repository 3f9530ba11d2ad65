import { once } from 'node:events'
import type { Client } from 'discord.js'
import type { Logger } from 'pino'

const readyWithinMs = 30_000

/** Logs in and waits until the gateway is ready; every way it can fail ends in one sentence that names what to change. */
export async function connect(client: Client, token: string): Promise<void> {
  const ready = once(client, 'clientReady', { signal: AbortSignal.timeout(readyWithinMs) })
  const closed = new Promise<never>((_, reject) => {
    client.once('shardDisconnect', ({ code }) => reject(new Error(`the gateway closed with code ${code}`)))
  })
  try {
    await Promise.all([client.login(token), Promise.race([ready, closed])])
  } catch (cause) {
    throw new Error(explain(cause), { cause })
  }
}

function explain(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause)
  if (/invalid token|4004/i.test(text)) {
    return 'Discord refused the token in DISCORD_TOKEN. Copy it again from the Bot page of the developer portal.'
  }
  if (cause instanceof Error && cause.name === 'AbortError') {
    return `Discord did not become ready within ${readyWithinMs / 1000} s. Is its gateway reachable from here?`
  }
  return `Discord could not be reached (${text}). Is discord.com reachable from here?`
}

/**
 * Keeps the connection's troubles from ending the process and makes them visible. discord.js reconnects and resumes by
 * itself; `shardDisconnect` is its word for a close that it will not come back from.
 */
export function watchConnection(client: Client, log: Logger): void {
  client.on('error', (error) => log.error({ err: error }, 'Discord: something went wrong in the connection'))
  client.on('shardError', (error) => log.warn({ err: error }, 'Discord: the connection broke, trying again'))
  client.on('shardReconnecting', () => log.info('Discord: reconnecting'))
  client.on('shardDisconnect', ({ code }) => {
    log.error({ code }, 'Discord: closed for good; check the token and the privileged intents, then restart')
  })
}
