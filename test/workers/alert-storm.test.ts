import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { notifications } from '#db/schema/notifications.ts'
import { testMemory } from '#test/harness/database.ts'
import { anEvent, start } from '#test/harness/engine-things.ts'
import { takeIn } from '#workers/processors/take-in.ts'

let memory: Memory

beforeAll(async () => {
  memory = await testMemory()
})
afterAll(() => memory.close())

test('five hundred alerts at once are told at fifteen places', async () => {
  for (let place = 1; place <= 15; place++) {
    await rememberDestination(memory.db, {
      surface: 'teams',
      key: `19:${place}`,
      name: `Team ${place}`,
      address: {},
    })
  }
  const storm = Array.from({ length: 500 }, (_, check) =>
    anEvent({ check: `check ${check}`, state: 'critical' }),
  )
  const { notificationIds } = await takeIn(memory.db, storm, start)
  const stored = await memory.db.select({ id: notifications.id }).from(notifications)
  expect(new Set(stored.map(({ id }) => id))).toEqual(new Set(notificationIds))
  expect(stored).toHaveLength(7500)
}, 30_000)
