import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { changeSilence } from '#db/repositories/change-silence.ts'
import { turnSilences } from '#db/repositories/silence-turns.ts'
import { parseMatchers } from '#engine/matcher-text.ts'
import type { Person } from '#engine/person.ts'
import { expireSilence, placeSilence, type SilenceWish } from '#engine/suppress/silence-schedule.ts'
import { ana as author } from '#test/harness/engine-things.ts'
import { messageAbout, repliesTo } from '#test/harness/local-chat.ts'
import { messageThatSays, pass, push, textOf, threadOf } from '#test/harness/pushed.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

let house: House
let ana: Person

beforeEach(async () => {
  house = await startHouse()
  ana = await house.person('Ana')
})

afterEach(() => house.close())

function inMinutes(minutes: number): Date {
  return new Date(house.clock.now().getTime() + minutes * 60_000)
}

async function silence(matchers: string, parts: Partial<SilenceWish> = {}): Promise<string> {
  const parsed = parseMatchers(matchers)
  if ('problem' in parsed) throw new Error(parsed.problem)
  const now = house.clock.now()
  const wish = {
    matchers: parsed.matchers,
    startsAt: now,
    endsAt: inMinutes(60),
    reason: 'Moving racks',
    createdBy: author,
    ...parts,
  }
  const moment = { environment: 'prod', now, newId: randomUUID, names: 'utf8' as const }
  const { change, notificationIds } = await changeSilence(
    house.memory.db,
    undefined,
    () => placeSilence(wish, undefined, moment),
    { now, by: author },
  )
  if (change.kind !== 'changed') throw new Error(change.because)
  await house.desk.announce(notificationIds)
  await house.settled()
  return change.silence.id
}

async function expire(id: string): Promise<void> {
  const now = house.clock.now()
  const { notificationIds } = await changeSilence(
    house.memory.db,
    id,
    (known) => (known ? expireSilence(known, now) : { kind: 'unknown', because: 'gone' }),
    { now, by: author },
  )
  await house.desk.announce(notificationIds)
  await house.settled()
}

test('a silence is announced once, with what it keeps quiet, and its end is a line under it', async () => {
  await push(house, { check: 'disk', labels: { team: 'a' } }, { check: 'load', labels: { team: 'b' } })
  await silence('team=a')
  const announced = await messageThatSays(house, 'Silenced: {team="a"}')
  expect(textOf(announced)).toContain('Moving racks')
  expect(textOf(announced)).toContain('It keeps quiet: #1.')
  expect((await messageAbout(house, 1))?.message.facts.map((fact) => fact.label)).toContain('Silenced until')
  expect(await repliesTo(house, 1)).toEqual([])

  await push(house, { check: 'disk', state: 'ok', labels: { team: 'a' } })
  await pass(house, '61m')
  const over = await messageThatSays(house, 'No longer silenced: {team="a"}')
  expect(over?.id).toBe(announced?.id)
  expect(threadOf(over)).toEqual(['It has ended. Nothing it kept quiet still fires.'])
  await pass(house, '10m')
  expect(threadOf(await messageThatSays(house, 'No longer silenced'))).toHaveLength(1)
  expect(await repliesTo(house, 2)).toEqual([])
})

test('what was held goes out when the silence ends, says why only now, and nobody has to say it again', async () => {
  await silence('team=a')
  await push(house, { check: 'disk', labels: { team: 'a' } })
  await push(house, { check: 'load', labels: { team: 'a' } })
  await push(house, { check: 'load', state: 'ok', labels: { team: 'a' } })
  expect(await messageAbout(house, 1)).toBeUndefined()

  await pass(house, '61m')
  expect(textOf(await messageAbout(house, 1))).toContain('Still firing after the silence ended.')
  expect(await messageAbout(house, 2)).toBeUndefined()
  expect(threadOf(await messageThatSays(house, 'No longer silenced'))).toEqual([
    'It has ended. Still firing: #1.',
  ])
  await pass(house, '10m')
  expect(await repliesTo(house, 1)).toEqual([])
})

test('expired by hand it is over at once, not at the end it once had', async () => {
  const id = await silence('team=a')
  await push(house, { check: 'disk', labels: { team: 'a' } })
  house.clock.forward('5m')
  await expire(id)
  expect(textOf(await messageAbout(house, 1))).toContain('Still firing after the silence ended.')
  expect(threadOf(await messageThatSays(house, 'No longer silenced'))).toEqual([
    'It has ended by Ana. Still firing: #1.',
  ])
})

test('what another silence still covers stays quiet, and what somebody has in hand is not brought up', async () => {
  await push(
    house,
    { check: 'disk', labels: { team: 'a', rack: '1' } },
    { check: 'load', labels: { team: 'a' } },
  )
  await house.front.say('ack 2', ana)
  await silence('team=a')
  await silence('rack=1', { endsAt: inMinutes(120) })
  await pass(house, '61m')
  expect(threadOf(await messageThatSays(house, 'No longer silenced'))).toEqual([
    'It has ended. Nothing it kept quiet still fires.',
  ])
  expect(await repliesTo(house, 2)).toEqual(['Acknowledged by Ana.'])
  await pass(house, '60m')
  expect(await repliesTo(house, 1)).toEqual(['Still firing after the silence ended.'])
})

test('made ahead of time it says so, and tells under it when it begins', async () => {
  await push(house, { check: 'disk', labels: { team: 'a' } })
  await silence('team=a', { startsAt: inMinutes(30), endsAt: inMinutes(90) })
  expect(threadOf(await messageThatSays(house, 'To be silenced: {team="a"}'))).toEqual([])
  await pass(house, '31m')
  expect(threadOf(await messageThatSays(house, 'Silenced: {team="a"}'))).toEqual([
    expect.stringMatching(/^It has begun until .* UTC\. It keeps quiet: #1\.$/),
  ])
  await pass(house, '60m')
  expect(threadOf(await messageThatSays(house, 'No longer silenced'))).toHaveLength(2)
  expect(await repliesTo(house, 1)).toEqual(['Still firing after the silence ended.'])
})

test('a recurring one begins and ends under its one announcement', async () => {
  const now = house.clock.now()
  const next = new Date(Math.ceil(now.getTime() / 3_600_000) * 3_600_000)
  await silence('team=a', {
    endsAt: inMinutes(60 * 24 * 30),
    recurrence: { cron: '0 * * * *', zone: 'UTC', durationSeconds: 600 },
  })
  await pass(house, `${Math.ceil((next.getTime() - now.getTime()) / 1000) + 660}s`)
  const lines = async () => threadOf(await messageThatSays(house, 'To be silenced: {team="a"}'))
  const before = (await lines()).length
  house.clock.forward('50m')
  await pass(house, '1m')
  await pass(house, '10m')
  expect((await lines()).slice(before)).toEqual([
    expect.stringMatching(/^It has begun until/),
    'It has ended. Nothing it kept quiet still fires.',
  ])
})

test('a silence made from an alert speaks in the thread of that alert alone', async () => {
  await push(house, { check: 'disk' })
  await house.front.say('silence 1 30m', ana)
  await pass(house, '31m')
  expect(await repliesTo(house, 1)).toEqual([
    expect.stringMatching(/^Ana silenced it until/),
    'Still firing after the silence ended.',
  ])
  expect(await house.localMessages()).toHaveLength(1)
})

test('whoever imports many silences at once is not heard with each of them', async () => {
  for (let count = 0; count < 15; count++) await silence(`rack=${count}`)
  expect(await house.localMessages()).toHaveLength(10)
  await pass(house, '2m')
  await silence('rack=last')
  expect(await house.localMessages()).toHaveLength(11)
})

test('an announcement survives the end of every process between its row and its post, and is posted once', async () => {
  const now = house.clock.now()
  const moment = { environment: 'prod', now, newId: randomUUID, names: 'utf8' as const }
  const matchers = [{ name: 'team', operator: '=' as const, value: 'a' }]
  const wish = { matchers, startsAt: now, endsAt: inMinutes(60), reason: '', createdBy: author }
  await changeSilence(house.memory.db, undefined, () => placeSilence(wish, undefined, moment), {
    now,
    by: author,
  })
  expect(await house.localMessages()).toEqual([])
  house = await house.restart()
  await pass(house, '10s')
  await pass(house, '10s')
  expect(await house.localMessages()).toHaveLength(1)
})

test('however many sweepers come by at once, an end is told once', async () => {
  await push(house, { check: 'disk', labels: { team: 'a' } })
  await silence('team=a')
  house.clock.forward('61m')
  const now = house.clock.now()
  const { db } = house.memory
  const followed = await Promise.all(Array.from({ length: 8 }, () => turnSilences(db, now)))
  expect(followed.filter((ids) => ids.length > 0)).toHaveLength(1)
  await pass(house, '10s')
  expect(await repliesTo(house, 1)).toEqual(['Still firing after the silence ended.'])
  expect(threadOf(await messageThatSays(house, 'No longer silenced'))).toHaveLength(1)
})
