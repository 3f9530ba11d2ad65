import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Answer } from '#engine/command/answer.ts'
import { plainMessage } from '#engine/message/plain.ts'
import type { Person } from '#engine/person.ts'
import { type ConditionKind, conditionDefinitions, conditionKinds } from '#engine/rule/conditions/registry.ts'
import type { Form, FormValues } from '#engine/view/form.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

let house: House
let ana: Person

beforeEach(async () => {
  house = await startHouse()
  ana = await house.person('Ana')
})

afterEach(() => house.close())

function formIn(answer: Answer): Form {
  if (answer.kind !== 'form') throw new Error(`a form was expected, not ${JSON.stringify(answer)}`)
  return answer.form
}

/** What has no default: nobody can guess it. */
const typed: Partial<Readonly<Record<ConditionKind, FormValues>>> = {
  ROUTE_METRIC: { threshold: '5% until 3%', window: '5m with 20' },
  LOG_PATTERN: { pattern: 'TimeoutException' },
  JVM_METRIC: { metric: 'jvm.memory.used.value', threshold: '0.85' },
  HTTP_5XX: { index: 'logs-*' },
  GATEWAY_4XX: { index: 'logs-*' },
}

test('the form offers every kind', async () => {
  const { fields } = formIn(await house.front.say('rule create', ana))
  const kinds = fields.find(({ name }) => name === 'kind')
  expect(kinds?.kind === 'choice' && kinds.options.map(({ value }) => value)).toEqual(conditionKinds)
})

test.each(conditionKinds)('a rule of kind %s is made by form, with what it starts with', async (kind) => {
  const first = formIn(await house.front.say('rule create', ana))
  const subject = { name: `A rule of ${kind}`, kind, severity: 'WARNING', app: '', route: '' }
  const second = formIn(await house.front.submit(first.id, subject, ana))
  expect(second.step).toBe(2)
  const defaults = Object.fromEntries(second.fields.map(({ name, value = '' }) => [name, value]))
  const third = formIn(await house.front.submit(first.id, { ...defaults, ...typed[kind] }, ana))
  expect(third).toMatchObject({ step: 3, submitLabel: 'Save' })

  const isInClickHouse = !/^(ELASTIC|HTTP|GATEWAY|POD)/.test(kind)
  const { hasPast } = conditionDefinitions[kind]
  expect(third.picture !== undefined, 'a picture of the last hours').toBe(isInClickHouse && hasPast)
  if (!isInClickHouse) expect(JSON.stringify(third.intro)).toMatch(/No preview: \w+ is not set up: set /)

  expect(await house.front.submit(first.id, {}, ana)).toMatchObject({
    kind: 'message',
    message: { headline: `Saved: A rule of ${kind}` },
  })
  const list = await house.front.say('rule list', ana)
  expect(list.kind === 'message' && plainMessage(list.message)).toContain(`A rule of ${kind}`)
})
