import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { type ApiToken, findCaller, insertApiToken } from '#db/repositories/api-tokens.ts'
import type { Caller } from '#engine/api-access.ts'
import type { Desk } from './desk.ts'

/** So that whoever finds one somewhere knows what it is, and others need not be looked up. */
const prefix = 'tocsin_'
const secretBytes = 32

/** The token itself is in nobody's hands but those it is answered to. */
export async function makeApiToken(
  { db, clock }: Pick<Desk, 'db' | 'clock'>,
  wish: Pick<ApiToken, 'name' | 'role' | 'environments' | 'createdBy'>,
): Promise<{ readonly kept: ApiToken; readonly token: string }> {
  const token = prefix + randomBytes(secretBytes).toString('base64url')
  const kept = { ...wish, id: randomUUID(), hash: hashOf(token), createdAt: clock() }
  await insertApiToken(db, kept)
  return { kept, token }
}

/** Who speaks with this token; undefined: it is none of ours, or was revoked. */
export function callerFinder({ db }: Pick<Desk, 'db'>): (token: string) => Promise<Caller | undefined> {
  return async (token) => (token.startsWith(prefix) ? findCaller(db, hashOf(token)) : undefined)
}

/** With 256 bits of chance in it a token needs no slow hash. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
