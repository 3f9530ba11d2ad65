import { LogLevel, type Logger as BoltLogger } from '@slack/bolt'
import type { Logger } from 'pino'

/**
 * Bolt's warnings and errors in our log. Its debug lines hold whole payloads, response URLs and socket tickets, so
 * they are never asked for.
 */
export function boltLog(log: Logger): BoltLogger {
  const bolt = log.child({ part: 'bolt' })
  return {
    debug: () => {},
    info: () => {},
    warn: (...said) => bolt.warn(words(said)),
    error: (...said) => bolt.error(words(said)),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  }
}

function words(said: readonly unknown[]): string {
  return said.map((one) => (one instanceof Error ? `${one.name}: ${one.message}` : String(one))).join(' ')
}
