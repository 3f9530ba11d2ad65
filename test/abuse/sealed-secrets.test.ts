import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eq } from 'drizzle-orm'
import { randomUUID } from 'node:crypto'
import type { Memory } from '#db/client.ts'
import {
  addConnection,
  loadConnection,
  openConnection,
  readableSecrets,
  resealSecrets,
} from '#db/repositories/connections.ts'
import { resealMedia } from '#db/repositories/contact-media.ts'
import { contacts, media } from '#db/schema/contacts.ts'
import { keepAddress, openAddress } from '#db/secrets/sealed-medium.ts'
import { connections } from '#db/schema/connections.ts'
import { secretBox, Unsealable } from '#db/secrets/secret-box.ts'
import { aConnection, aTelling } from '#test/harness/connection-things.ts'
import { testMemory } from '#test/harness/database.ts'
import { start } from '#test/harness/engine-things.ts'
import { type HttpReceiver, openHttpReceiver } from '#test/harness/http-receiver.ts'
import { openEgress } from '#workers/egress/egress.ts'
import { openOutside } from '#workers/egress/outside.ts'
import { integrationNotifiers } from '#workers/notifiers/connections.ts'

const oldKey = Buffer.alloc(32, 1)
const newKey = Buffer.alloc(32, 2)

describe('abuse 20: what is sealed opens in its place, with its key, untouched, or not at all', () => {
  const box = secretBox([oldKey])
  const sealed = box.seal('s3cret', 'connections:a:token')
  const [version, id, body = ''] = sealed.split('.')
  const bytes = Buffer.from(body, 'base64url')
  const withBytes = (changed: Uint8Array) =>
    [version, id, Buffer.from(changed).toString('base64url')].join('.')

  test('in its place', () => {
    expect(box.open(sealed, 'connections:a:token')).toBe('s3cret')
    expect(sealed).not.toContain('s3cret')
    expect(box.seal('s3cret', 'connections:a:token')).not.toBe(sealed)
  })

  test.each([
    ['in another row', sealed, 'connections:b:token'],
    ['in another field', sealed, 'connections:a:password'],
    ['with a tag of four bytes', withBytes(bytes.subarray(0, -12)), 'connections:a:token'],
    [
      'with a byte changed',
      withBytes(bytes.map((byte, index) => (index === 13 ? byte ^ 1 : byte))),
      'connections:a:token',
    ],
    ['cut short', withBytes(bytes.subarray(0, 20)), 'connections:a:token'],
    ['by another key', secretBox([newKey]).seal('s3cret', 'connections:a:token'), 'connections:a:token'],
    [
      'by another key that says it is this one',
      `v1.${id}.${secretBox([newKey]).seal('x', 'connections:a:token').split('.')[2]}`,
      'connections:a:token',
    ],
    ['in a version nobody knows', `v2.${id}.${body}`, 'connections:a:token'],
    ['as nothing at all', '', 'connections:a:token'],
  ])('not %s', (_how, stored, place) => {
    expect(() => box.open(stored, place)).toThrow(Unsealable)
  })
})

describe('abuse 20, in the database', () => {
  let memory: Memory
  let receiver: HttpReceiver
  beforeAll(async () => {
    memory = await testMemory()
    receiver = await openHttpReceiver()
  })
  afterAll(async () => {
    await receiver.close()
    await memory.close()
  })

  const make = (name: string, keys: readonly Uint8Array[]) =>
    addConnection(
      memory.db,
      aConnection({
        name,
        settings: { auth: { kind: 'BEARER' } },
        secrets: { url: `${receiver.url}/`, token: 'a-long-bearer-token' },
      }),
      { id: randomUUID(), createdBy: 'a test', box: secretBox(keys), now: start },
    )

  test('no secret is stored as it is', async () => {
    const { id } = await make('stored', [oldKey])
    const [row] = await memory.db.select().from(connections).where(eq(connections.id, id))
    expect(JSON.stringify(row)).not.toMatch(/a-long-bearer-token|127\.0\.0\.1:\d+\//)
    expect(row?.secrets['token']).toMatchObject({ last4: 'oken', updatedAt: start.toISOString() })
  })

  test('a row that took the secrets of another sends nothing, not even with an empty password', async () => {
    const box = secretBox([oldKey])
    const one = await make('one', [oldKey])
    const other = await make('other', [oldKey])
    await memory.db.update(connections).set({ secrets: other.secrets }).where(eq(connections.id, one.id))
    const egress = openEgress(['127.0.0.1'], 1)
    const { webhook } = integrationNotifiers({
      db: memory.db,
      box,
      outside: openOutside(egress, () => start),
    })
    await expect(webhook?.post({ connection: one.id }, aTelling(), 'd')).rejects.toMatchObject({
      retry: 'never',
      fault: 'config',
      message: expect.stringContaining('cannot be read'),
    })
    expect(receiver.requests).toEqual([])
    await webhook?.post({ connection: other.id }, aTelling(), 'd')
    expect(receiver.requests[0]?.headers.authorization).toBe('Bearer a-long-bearer-token')
    await egress.close()
  })

  test('a new key takes over what the old one sealed, and then holds alone', async () => {
    const { id } = await make('replaced', [oldKey])
    await resealSecrets(memory.db, secretBox([newKey, oldKey]))
    const row = await loadConnection(memory.db, id)
    expect(openConnection(secretBox([newKey]), row).secrets).toMatchObject({ token: 'a-long-bearer-token' })
    expect(readableSecrets(secretBox([oldKey]), row)).toEqual({})
  })

  test('what no key opens is counted, and left as it is', async () => {
    const { id } = await make('lost', [Buffer.alloc(32, 9)])
    const before = await loadConnection(memory.db, id)
    expect(await resealSecrets(memory.db, secretBox([newKey]))).toBeGreaterThanOrEqual(2)
    expect(await loadConnection(memory.db, id)).toEqual(before)
  })
})

describe('abuse 20: the keys and URLs of contacts are sealed like those of connections', () => {
  let memory: Memory
  const urlOf = (id: string) => `https://hooks.example.org/${id}/a-secret-path`

  beforeAll(async () => {
    memory = await testMemory()
  })
  afterAll(() => memory.close())
  beforeEach(async () => {
    await memory.db.delete(media)
    await memory.db.delete(contacts)
    for (const id of ['one', 'two']) {
      await memory.db.insert(contacts).values({ id })
      const kept = keepAddress(secretBox([oldKey]), { contactId: id, type: 'webhook' }, urlOf(id))
      await memory.db.insert(media).values({ contactId: id, name: 'webhook', position: 0, ...kept })
    }
  })

  const rows = () => memory.db.select().from(media).orderBy(media.contactId)
  const openedBy = async (...keys: readonly Buffer[]) =>
    (await rows()).map(({ contactId, name: type, address, secret }) =>
      openAddress(secretBox(keys), { contactId, type }, { address, secret }),
    )

  test('a new key takes over what the old one sealed, and then holds alone', async () => {
    expect(JSON.stringify(await rows())).not.toContain('a-secret-path')
    expect(await resealMedia(memory.db, secretBox([newKey, oldKey]))).toBe(0)
    expect(await openedBy(newKey)).toEqual([urlOf('one'), urlOf('two')])
    await expect(openedBy(oldKey)).rejects.toThrow(Unsealable)
    const settled = await rows()
    expect(await resealMedia(memory.db, secretBox([newKey, oldKey]))).toBe(0)
    // What is sealed by the newest key already is not written anew.
    expect(await rows()).toEqual(settled)
  })

  test('what no key opens is counted, and left as it is for the key to come back', async () => {
    const before = await rows()
    expect(await resealMedia(memory.db, secretBox([newKey]))).toBe(2)
    expect(await rows()).toEqual(before)
    expect(await openedBy(oldKey)).toEqual([urlOf('one'), urlOf('two')])
  })

  test('that of one contact does not open as that of another', async () => {
    const [one] = await rows()
    await memory.db
      .update(media)
      .set({ secret: one?.secret ?? null })
      .where(eq(media.contactId, 'two'))
    await expect(openedBy(oldKey)).rejects.toThrow(Unsealable)
    expect(await resealMedia(memory.db, secretBox([newKey, oldKey]))).toBe(1)
  })
})
