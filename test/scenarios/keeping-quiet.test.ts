import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Person } from '#engine/person.ts'
import { aMinute, messageAbout, repliesTo } from '#test/harness/local-chat.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

let house: House
let ana: Person

beforeEach(async () => {
  house = await startHouse()
  ana = await house.person('Ana')
})

afterEach(() => house.close())

test('whoever does not react is reminded at the rule’s pace, and an acknowledgement ends the reminders', async () => {
  await house.rule({ reNotifyMinutes: 5 })
  await aMinute(house, 'failing')
  for (let minute = 0; minute < 6; minute++) await aMinute(house, 'failing')
  expect(await repliesTo(house, 1)).toEqual([
    '1st reminder after 5 min: it still fails, and nobody has acknowledged it.',
  ])
  for (let minute = 0; minute < 5; minute++) await aMinute(house, 'failing')
  expect(await repliesTo(house, 1)).toHaveLength(2)

  await house.front.say('ack 1', ana)
  for (let minute = 0; minute < 7; minute++) await aMinute(house, 'failing')
  expect((await repliesTo(house, 1)).slice(2)).toEqual(['Acknowledged by Ana.'])
})

test('what was closed by hand stays quiet until it has cleared once; failing anew is a new alert', async () => {
  await house.rule()
  await aMinute(house, 'failing')
  expect(await house.front.say('resolve 1', ana)).toMatchObject({ kind: 'message' })
  const closed = await messageAbout(house, 1)
  expect(closed?.message).toMatchObject({ tone: 'resolved', actions: [] })
  expect(closed?.message.headline).toMatch(/^#1 Card payments are failing — resolved after /)

  await aMinute(house, 'failing')
  await aMinute(house, 'failing')
  expect(await house.localMessages()).toHaveLength(1)
  expect(await house.front.say('list', ana)).toMatchObject({
    message: { headline: 'All quiet: nothing is open.' },
  })

  await aMinute(house, 'healthy')
  expect(await house.localMessages()).toHaveLength(1)
  await aMinute(house, 'failing')
  expect((await messageAbout(house, 2))?.message).toMatchObject({ tone: 'critical' })
  expect(await house.localMessages()).toHaveLength(2)
  expect(await house.front.say('resolve 1', ana)).toEqual({
    kind: 'refused',
    because: expect.stringMatching(/^Nothing to do: Ana resolved #1 \d min( \d+ s)? ago\.$/),
  })
})

test('a silence chosen from the menu shows at once, and keeps a new episode back until it ends', async () => {
  await house.rule()
  await aMinute(house, 'failing')
  const menu = (await messageAbout(house, 1))?.message.actions.find((action) => action.kind === 'menu')
  const half = menu?.options.find((option) => option.label === '30 minutes')
  await house.front.say(half?.command ?? '', ana)
  const silenced = await messageAbout(house, 1)
  expect(silenced?.message.facts.map((fact) => fact.label)).toContain('Silenced until')
  expect(await repliesTo(house, 1)).toEqual([
    expect.stringMatching(/^Ana silenced it until \d{4}-\d\d-\d\d \d\d:\d\d UTC$/),
  ])

  await aMinute(house, 'healthy')
  expect((await messageAbout(house, 1))?.message.tone).toBe('resolved')
  await aMinute(house, 'failing')
  expect(await messageAbout(house, 2)).toBeUndefined()
  expect(await house.front.say('list', ana)).toMatchObject({ message: { headline: '1 open alert' } })

  house.clock.forward('20m')
  await aMinute(house, 'failing')
  await house.sweep()
  expect(await messageAbout(house, 2)).toBeUndefined()
  house.clock.forward('10m')
  await house.sweep()
  expect((await messageAbout(house, 2))?.message).toMatchObject({ tone: 'critical' })
})

test('an episode that begins and clears within a silence is never told to anyone', async () => {
  await house.rule()
  await aMinute(house, 'failing')
  await house.front.say('silence 1 1h', ana)
  await aMinute(house, 'healthy')
  await aMinute(house, 'failing')
  await aMinute(house, 'healthy')
  house.clock.forward('2h')
  await house.sweep()
  await house.settled()
  expect(await house.localMessages()).toHaveLength(1)
  expect(await house.front.say('list resolved', ana)).toMatchObject({
    message: { headline: '2 resolved alerts' },
  })
})

test('acknowledged from the list during a silence, it is still posted only when the silence ends', async () => {
  await house.rule()
  await aMinute(house, 'failing')
  await house.front.say('silence 1 1h', ana)
  await aMinute(house, 'healthy')
  await aMinute(house, 'failing')
  await house.front.say('ack 2', ana)
  expect(await messageAbout(house, 2)).toBeUndefined()
  house.clock.forward('1h')
  await house.sweep()
  expect((await messageAbout(house, 2))?.message.tone).toBe('acknowledged')
})

test('reminders kept back by a silence are one line when it ends, and none once someone has it', async () => {
  await house.rule({ reNotifyMinutes: 1 })
  await aMinute(house, 'failing')
  await house.front.say('silence 1 30m', ana)
  for (let minute = 0; minute < 3; minute++) await aMinute(house, 'failing')
  expect(await repliesTo(house, 1)).toHaveLength(1)
  house.clock.forward('30m')
  await house.sweep()
  expect((await repliesTo(house, 1)).slice(1)).toEqual(['Still firing after the silence ended.'])

  await house.front.say('silence 1 30m', ana)
  await aMinute(house, 'failing')
  await house.front.say('ack 1', ana)
  house.clock.forward('31m')
  await house.sweep()
  expect((await repliesTo(house, 1)).filter((line) => line.startsWith('Still'))).toHaveLength(1)
})

test('“Custom…” asks how long and why, says what is wrong in place, and is carried out once', async () => {
  await house.rule()
  await aMinute(house, 'failing')
  const opened = await house.front.say('silence 1', ana)
  if (opened.kind !== 'form') throw new Error(`a form was expected, not ${JSON.stringify(opened)}`)
  expect(opened.form).toMatchObject({ title: 'Silence #1', submitLabel: 'Silence' })

  const wrong = await house.front.submit(opened.form.id, { duration: 'a while', reason: 'Deploying' }, ana)
  if (wrong.kind !== 'form') throw new Error(`the form was expected again, not ${JSON.stringify(wrong)}`)
  expect(wrong.form.fields[0]).toMatchObject({
    value: 'a while',
    error: expect.stringMatching(/^Not a length of time/),
  })
  expect(wrong.form.fields[1]).toMatchObject({ value: 'Deploying' })

  const right = { duration: '45 min', reason: 'Deploying the fix \0' }
  const answers = await Promise.all([
    house.front.submit(opened.form.id, right, ana),
    house.front.submit(opened.form.id, right, ana),
  ])
  expect(answers.map((answer) => answer.kind).sort()).toEqual(['message', 'refused'])
  expect(await repliesTo(house, 1)).toEqual([
    expect.stringMatching(/^Ana silenced it until .* UTC: Deploying the fix$/),
  ])
})
