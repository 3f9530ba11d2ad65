import { afterEach, beforeEach, expect, test } from 'vitest'
import { listWatchedRules } from '#db/repositories/watched-rules.ts'
import { plainMessage } from '#engine/message/plain.ts'
import type { Person } from '#engine/person.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

let house: House
let ana: Person

beforeEach(async () => {
  house = await startHouse()
  ana = await house.person('Ana')
})
afterEach(() => house.close())

async function say(line: string): Promise<string> {
  const answer = await house.front.say(line, ana)
  if (answer.kind === 'refused') return `refused: ${answer.because}`
  return answer.kind === 'message' ? plainMessage(answer.message) : answer.kind
}

const rules = async () => (await listWatchedRules(house.memory.db)).map(({ rule }) => rule)

test('a rule is switched off and on by its name or its id, and deleted after asking', async () => {
  await house.rule()
  const [rule] = await rules()
  if (!rule) throw new Error('there is no rule')
  expect(await say(`rule disable ${rule.name.toUpperCase()}`)).toContain(`Switched off: ${rule.name}`)
  expect((await rules())[0]?.enabled).toBe(false)
  expect(await say(`rule disable ${rule.id.slice(0, 8)}`)).toBe(
    `refused: "${rule.name}" is switched off already.`,
  )
  expect(await say('rule list')).toContain(`(switched off) ${rule.id.slice(0, 8)}`)
  expect(await say(`rule enable ${rule.id.slice(0, 8)}`)).toContain(`Switched on: ${rule.name}`)
  expect(await say(`rule delete ${rule.name}`)).toContain(`Delete "${rule.name}"?`)
  expect(await rules()).toHaveLength(1)
  expect(await say(`rule delete ${rule.id} sure`)).toContain(`Deleted: ${rule.name}`)
  expect(await rules()).toEqual([])
})

test('a rule is shown with all that was set', async () => {
  const { condition } = await house.rule({ name: 'Plain' })
  await house.rule({
    name: 'Sure of itself',
    description: 'Call the bank.',
    condition: { ...condition, recoveryThreshold: 0.03, minimumSamples: 1200 },
    forDurationSeconds: 90,
    reNotifyMinutes: 0,
    noDataPolicy: 'FIRE',
  })
  await house.tick()
  await house.settled()
  const shown = await say('rule show sure of itself')
  for (const words of [
    'Error rate over 1 min above 5 % on payment-service/authorize-card.',
    'Call the bank.',
    'Over: at or below 3 %',
    'Judged from: 1,200 samples on',
    'Only after: 1 min 30 s',
    'Told again: never',
    'No data: fires',
    'Cannot be checked: keeps what was',
  ])
    expect(shown).toContain(words)
  expect(await say('rule show Plain')).not.toMatch(/Over:|Judged from:|Only after:/)
  expect(await say('rule show nothing like it')).toMatch(/^refused: There is no rule/)
})

test('which rule is meant has to be clear', async () => {
  await house.rule()
  await house.rule()
  const [rule] = await rules()
  expect(await say('rule disable nothing like it')).toMatch(/^refused: There is no rule "nothing like it"/)
  expect(await say(`rule disable ${rule?.name ?? ''}`)).toMatch(/^refused: 2 rules are called so\. Say which/)
  expect(await say('rule enable')).toContain('Which rule?')
})
