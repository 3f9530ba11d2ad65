import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { engineUser } from './endpoint.ts'

/** ClickHouse takes the pair as basic authentication or in headers of its own. */
export function hasCredentials(headers: IncomingHttpHeaders, password: string): boolean {
  const presented = presentedPair(headers)
  return presented !== undefined && isSame(presented, `${engineUser}:${password}`)
}

function presentedPair(headers: IncomingHttpHeaders): string | undefined {
  const encoded = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1]
  if (encoded !== undefined) return Buffer.from(encoded, 'base64').toString('utf8')
  const { 'x-clickhouse-user': user, 'x-clickhouse-key': key } = headers
  return typeof user === 'string' && typeof key === 'string' ? `${user}:${key}` : undefined
}

function isSame(presented: string, expected: string): boolean {
  return timingSafeEqual(digest(presented), digest(expected))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
