import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Conflict, NotFound } from '#db/errors.ts'
import type { Memory } from '#db/client.ts'
import {
  addConnection,
  changeConnection,
  type Connection,
  listConnections,
  loadConnection,
  openConnection,
  removeConnection,
} from '#db/repositories/connections.ts'
import { listReceivers } from '#db/repositories/destinations.ts'
import { recordNews } from '#db/repositories/notifications.ts'
import { destinations } from '#db/schema/notifications.ts'
import { readConnectionDraft } from '#engine/connection/draft.ts'
import { aConnection } from '#test/harness/connection-things.ts'
import { testMemory } from '#test/harness/database.ts'
import { testBox as box } from '#test/harness/desk-defaults.ts'
import { after, start } from '#test/harness/engine-things.ts'

const secrets = { url: 'https://hooks.example.org/a', token: 'a-long-bearer-token' }
const settings = { auth: { kind: 'BEARER' } }

let memory: Memory

beforeAll(async () => {
  memory = await testMemory()
})
afterAll(() => memory.close())

function add(name: string): Promise<Connection> {
  const draft = aConnection({ name, settings, secrets })
  return addConnection(memory.db, draft, { id: randomUUID(), createdBy: 'a test', box, now: start })
}

function change(before: Connection, parts: object): Promise<Connection> {
  const known = { ...before, secrets: openConnection(box, before).secrets }
  const read = readConnectionDraft(
    { name: before.name, kind: before.kind, settings: before.settings, ...parts },
    known,
  )
  if ('problems' in read) return expect.fail(JSON.stringify(read.problems))
  return changeConnection(memory.db, before, read.draft, { box, now: after(60) })
}

const placeOf = (id: string) => memory.db.select().from(destinations).where(eq(destinations.key, id))

describe('a connection', () => {
  test('is a destination too, which follows its name and whether it is switched on', async () => {
    const made = await add('ops')
    expect(await placeOf(made.id)).toMatchObject([
      { surface: 'webhook', name: 'ops', address: { connection: made.id }, active: true },
    ])
    await change(made, { name: 'ops hooks', enabled: false })
    expect(await placeOf(made.id)).toMatchObject([{ name: 'ops hooks', active: false }])
    expect((await listConnections(memory.db)).map(({ name }) => name)).toContain('ops hooks')
  })

  test('keeps what is not named, each secret with its date', async () => {
    const made = await add('kept')
    const changed = await change(made, { secrets: { token: 'another-long-token' } })
    expect(changed.secrets['url']).toEqual(made.secrets['url'])
    expect(changed.secrets['token']).toMatchObject({ last4: 'oken', updatedAt: after(60).toISOString() })
    expect(openConnection(box, await loadConnection(memory.db, made.id)).secrets).toEqual({
      ...secrets,
      token: 'another-long-token',
    })
  })

  test('that is removed is told nothing more', async () => {
    const { id } = await add('gone')
    await removeConnection(memory.db, id)
    await expect(loadConnection(memory.db, id)).rejects.toThrow(NotFound)
    await expect(removeConnection(memory.db, id)).rejects.toThrow(NotFound)
    expect(await placeOf(id)).toMatchObject([{ active: false }])
  })

  test('has a name of its own', async () => {
    await add('twin')
    await expect(add('twin')).rejects.toThrow(Conflict)
  })

  test('that two people change at once is changed by the first', async () => {
    const made = await add('raced')
    await change(made, { enabled: false })
    await expect(change(made, { name: 'mine' })).rejects.toThrow(/Somebody else/)
  })
})

describe('what a connection hears', () => {
  const news = (incidentId: string, parts: object = {}) => ({
    incidentId,
    reason: 'first' as const,
    ...parts,
  })

  test('is what it is named for, and then the rest of it; "all" means chats', async () => {
    const { id } = await add('named')
    const incidentId = randomUUID()
    const queue = async (one: object) => (await recordNews(memory.db, [news(incidentId, one)], start)).queued
    expect(await queue({ chats: 'all' })).toHaveLength(0)
    expect(await queue({ chats: new Set(['named', 'webhook']) })).toHaveLength(0)
    expect(await queue({ chats: 'all', connections: new Set([id]) })).toHaveLength(1)
    expect(await queue({ chats: 'all', reason: 'recovered' })).toHaveLength(1)
    expect(await queue({ reason: 'acknowledged' })).toHaveLength(1)
  })

  test('is nothing by a name that a chat may have', async () => {
    await add('Somebody')
    expect(await listReceivers(memory.db)).not.toContain('Somebody')
  })
})
