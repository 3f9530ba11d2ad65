import { afterAll, beforeAll, expect, test } from 'vitest'
import { aRuleBody, type ApiHouse, startApiHouse } from '#test/harness/api-house.ts'

let house: ApiHouse

beforeAll(async () => {
  house = await startApiHouse()
})
afterAll(() => house.close())

async function save(pattern: string) {
  const condition = {
    kind: 'LOG_PATTERN',
    scope: {},
    level: 'ERROR',
    pattern,
    threshold: 5,
    windowSeconds: 60,
  }
  const answer = await house.server.inject({
    method: 'POST',
    url: '/api/v1/environments/prod/alerts/rules',
    payload: { ...aRuleBody, name: pattern, conditionKind: 'LOG_PATTERN', condition },
  })
  return { status: answer.statusCode, body: answer.json<unknown>() }
}

test('a pattern that ClickHouse itself does not take is refused by field, with its reason', async () => {
  expect(await save('(?:\\pL{100}){10}')).toMatchObject({
    status: 400,
    body: {
      error: 'This rule cannot work.',
      fields: [
        { field: 'condition.pattern', problem: expect.stringMatching(/^The pattern cannot be run: /) },
      ],
    },
  })
})

test('one that cannot be looked for together with others is saved, and its price is said', async () => {
  expect(await save('(?m)^foo$')).toMatchObject({
    status: 201,
    body: { warnings: [expect.stringMatching(/^The pattern is none of those .* a look of its own/)] },
  })
  expect(await save('TimeoutException')).toMatchObject({ status: 201, body: { warnings: [] } })
})
