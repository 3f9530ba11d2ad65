import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import {
  dropExpiredDrafts,
  findDraft,
  moveDraft,
  saveDraft,
  takeDraft,
} from '#db/repositories/form-drafts.ts'
import { meetPerson } from '#db/repositories/people.ts'
import { testMemory } from '#test/harness/database.ts'
import { after, start } from '#test/harness/engine-things.ts'

let memory: Memory
let mine: string
let theirs: string

beforeAll(async () => {
  memory = await testMemory()
  const identity = { surface: 'slack', name: 'Someone', role: 'OPERATOR' } as const
  mine = (await meetPerson(memory.db, { ...identity, tenant: 'T1', externalId: 'U1' }, start)).id
  theirs = (await meetPerson(memory.db, { ...identity, tenant: 'T2', externalId: 'U1' }, start)).id
})
afterAll(() => memory.close())

async function begin(): Promise<string> {
  const id = randomUUID()
  await saveDraft(
    memory.db,
    { id, personId: mine, subject: { form: 'rule-create' }, step: 1, values: {} },
    start,
  )
  return id
}

test('a draft is there for whoever began it, and for nobody else', async () => {
  const id = await begin()
  expect(await findDraft(memory.db, id, mine, after(1))).toMatchObject({
    step: 1,
    subject: { form: 'rule-create' },
  })
  expect(await findDraft(memory.db, id, theirs, after(1))).toBeUndefined()
})

test('the same id in another workspace is another person', () => {
  expect(mine).not.toBe(theirs)
})

test('each step keeps it alive for four hours', async () => {
  const id = await begin()
  expect(await moveDraft(memory.db, { id, step: 2, values: { name: 'x' } }, after(3600))).toBe(true)
  expect(await findDraft(memory.db, id, mine, after(5 * 3600 - 1))).toMatchObject({
    step: 2,
    values: { name: 'x' },
  })
  expect(await findDraft(memory.db, id, mine, after(5 * 3600))).toBeUndefined()
  await dropExpiredDrafts(memory.db, after(5 * 3600))
  expect(await takeDraft(memory.db, id)).toBe(false)
})

test('it is taken once, however many ask at once, and does not come back', async () => {
  const id = await begin()
  const takes = await Promise.all([
    takeDraft(memory.db, id),
    takeDraft(memory.db, id),
    takeDraft(memory.db, id),
  ])
  expect(takes.filter(Boolean)).toHaveLength(1)
  expect(await moveDraft(memory.db, { id, step: 2, values: {} }, after(1))).toBe(false)
  expect(await findDraft(memory.db, id, mine, after(1))).toBeUndefined()
})

test('a person keeps an id, and takes the name and role of today', async () => {
  const met = { surface: 'slack', tenant: 'T1', externalId: 'U1', name: 'New name', role: 'VIEWER' } as const
  expect(await meetPerson(memory.db, met, after(1))).toEqual({
    kind: 'person',
    id: mine,
    name: 'New name',
    surface: 'slack',
    role: 'VIEWER',
  })
})
