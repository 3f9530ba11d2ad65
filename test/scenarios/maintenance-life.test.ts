import { afterEach, beforeEach, expect, test } from 'vitest'
import { endMaintenance, scheduleMaintenances } from '#db/repositories/maintenances.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import type { Person } from '#engine/person.ts'
import { ana as author } from '#test/harness/engine-things.ts'
import { messageAbout, repliesTo } from '#test/harness/local-chat.ts'
import { messageThatSays, pass, push, textOf, threadOf } from '#test/harness/pushed.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

let house: House
let ana: Person

beforeEach(async () => {
  house = await startHouse()
  ana = await house.person('Ana')
  await push(
    house,
    { entity: 'db-1', check: 'disk', state: 'ok' },
    { entity: 'db-1', check: 'load', state: 'ok' },
  )
})

afterEach(() => house.close())

/** In minutes from now. */
async function plan(startsIn: number, lasts: number): Promise<string> {
  const now = house.clock.now()
  const startsAt = epochSeconds(now) + startsIn * 60
  const windows = [{ startsAt, endsAt: startsAt + lasts * 60, summary: 'New disks' }]
  const outcome = await scheduleMaintenances(
    house.memory.db,
    { targets: { environment: 'prod', entities: ['db-1'], checks: [] }, windows, by: author },
    now,
  )
  if (outcome.kind !== 'changed') throw new Error(outcome.because)
  await house.desk.announce(outcome.notificationIds)
  await house.settled()
  return outcome.ids[0] ?? ''
}

test('what failed during a maintenance and still does is told when it ends, though its source says nothing more', async () => {
  await plan(0, 60)
  expect(textOf(await messageThatSays(house, 'In maintenance: db-1:disk, db-1:load'))).toContain('New disks')
  house.clock.forward('1m')
  await push(house, { entity: 'db-1', check: 'disk' }, { entity: 'db-1', check: 'load' })
  house.clock.forward('1m')
  await push(house, { entity: 'db-1', check: 'load', state: 'ok' })
  expect(await messageAbout(house, 1)).toBeUndefined()

  await pass(house, '60m')
  expect(textOf(await messageAbout(house, 1))).toContain('Still firing after the maintenance ended.')
  expect((await messageAbout(house, 1))?.message.headline).toContain('Card payments are failing')
  expect(threadOf(await messageThatSays(house, 'Maintenance is over'))).toEqual([
    'It has ended. Still firing: #1.',
  ])
  await pass(house, '10m')
  expect(await repliesTo(house, 1)).toEqual([])
  expect(await house.localMessages()).toHaveLength(2)
})

test('what fired before is brought up once more, unless it has recovered or somebody has it in hand', async () => {
  await push(house, { entity: 'db-1', check: 'disk' }, { entity: 'db-1', check: 'load' })
  await push(house, { entity: 'db-1', check: 'cpu' })
  await house.front.say('ack 2', ana)
  await plan(0, 60)
  house.clock.forward('1m')
  await push(house, { entity: 'db-1', check: 'cpu', state: 'ok' })
  await pass(house, '61m')
  expect(await repliesTo(house, 1)).toEqual(['Still firing after the maintenance ended.'])
  expect(await repliesTo(house, 2)).toEqual(['Acknowledged by Ana.'])
  expect((await repliesTo(house, 3)).filter((line) => line.startsWith('Still'))).toEqual([])
})

test('ended by hand it is looked at at the next sweep, not at the end it once had', async () => {
  const id = await plan(0, 60)
  house.clock.forward('1m')
  await push(house, { entity: 'db-1', check: 'disk' })
  house.clock.forward('1m')
  await endMaintenance(house.memory.db, id, house.clock.now())
  await pass(house, '5s')
  expect(textOf(await messageAbout(house, 1))).toContain('Still firing after the maintenance ended.')
  expect(threadOf(await messageThatSays(house, 'Maintenance is over'))).toHaveLength(1)
})

test('planned ahead it is announced, and says under that when it begins', async () => {
  await plan(30, 60)
  expect(textOf(await messageThatSays(house, 'Maintenance planned: db-1:disk, db-1:load'))).toContain('From:')
  await pass(house, '31m')
  expect(threadOf(await messageThatSays(house, 'In maintenance'))).toEqual([
    expect.stringMatching(/^It has begun until .* UTC\.$/),
  ])
})

test('a second maintenance that goes on keeps it quiet beyond the end of the first', async () => {
  await plan(0, 60)
  house.clock.forward('2s')
  await plan(0, 120)
  house.clock.forward('1m')
  await push(house, { entity: 'db-1', check: 'disk' })
  await pass(house, '60m')
  expect(await messageAbout(house, 1)).toBeUndefined()
  await pass(house, '60m')
  expect(textOf(await messageAbout(house, 1))).toContain('Still firing after the maintenance ended.')
})
