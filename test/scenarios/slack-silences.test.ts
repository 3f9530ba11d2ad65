import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '#test/harness/eventually.ts'
import { localSlackProgram, type LocalSlack } from '#test/harness/local-slack.ts'
import { pass, push } from '#test/harness/pushed.ts'
import { startSlackHouse } from '#test/harness/slack-house.ts'

let world: Awaited<ReturnType<typeof startSlackHouse>>
let slack: LocalSlack

beforeEach(async (context) => {
  if ('missing' in localSlackProgram) return context.skip(localSlackProgram.missing)
  world = await startSlackHouse('http')
  slack = world.slack
})
afterEach(() => world?.close())

/** What everyone reads, not what was whispered. */
function announcement(words: string) {
  return eventually(`an announcement of ${words}`, async () =>
    (await slack.messages()).find(({ text, subtype }) => text.includes(words) && subtype === undefined),
  )
}

test('silenced by labels in Slack: everyone reads it once, ends it with its button, and hears what still fires', async () => {
  const { house } = world
  await slack.command('alice', 'silence where team="Ops EU" for 2h because moving racks')
  const announced = await announcement('Silenced: {team="Ops EU"}')
  expect(JSON.stringify(announced.blocks)).toContain('moving racks')
  await push(house, { check: 'disk', title: 'The disk is full', labels: { team: 'Ops EU' } })
  expect((await slack.messages()).filter(({ text }) => text.includes('The disk is full'))).toEqual([])

  house.clock.forward('5m')
  await slack.click('bob', announced, 'End now')
  const told = await slack.message('#1 The disk is full')
  expect(JSON.stringify(told.blocks)).toContain('Still firing after the silence ended.')
  const [line] = await eventually('the line under the announcement', async () => {
    const replies = await slack.replies(announced)
    return replies.length > 0 ? replies : undefined
  })
  expect(line?.text).toBe('It has ended by *bob*. Still firing: #1.')
  await pass(house, '10m')
  const { ts } = await announcement('No longer silenced: {team')
  expect(ts).toBe(announced.ts)
  expect(await slack.replies(announced)).toHaveLength(1)
})

test('the form behind `silence where` says in place what is wrong, and announces what was sent', async () => {
  await slack.command('alice', 'silence where')
  await slack.modal('Silence by labels')
  await slack.submit('alice', { matchers: 'nonsense', duration: '2h' })
  expect(Object.keys(await slack.modalErrors('matchers'))).toEqual(['matchers'])
  await slack.submit('alice', { matchers: 'rack=eu-1', duration: '2h', every: '0 22 * * 6 in Europe/Berlin' })
  const announced = await announcement('ilenced: {rack="eu-1"}')
  expect(JSON.stringify(announced.blocks)).toContain('0 22 * * 6')
})
