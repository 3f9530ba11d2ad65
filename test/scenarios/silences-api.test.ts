import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { messageAbout } from '#test/harness/local-chat.ts'
import { push } from '#test/harness/pushed.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse

beforeAll(async () => {
  house = await serveHouse()
})

afterAll(() => house.close())

const silences = '/api/v1/silences'

function at(minutes: number): string {
  return new Date(house.clock.now().getTime() + minutes * 60_000).toISOString()
}

interface Silence {
  readonly id: string
  readonly endsAt: string
}

async function make(body: unknown, path = silences): Promise<Silence> {
  const answer = await house.post(path, body)
  expect([answer.status, answer.text]).toEqual([201, expect.anything()])
  return answer.body as Silence
}

test('the guide’s matcher silences by app and by severity, whatever word the source has for it', async () => {
  await make(
    { matcher: { severity: 'CRITICAL', appSlug: 'orders' }, endsAt: at(60) },
    '/api/v1/environments/prod/alerts/silences',
  )
  await push(
    house,
    { check: 'a', labels: { app: 'orders', severity: 'page' } },
    { check: 'b', labels: { app: 'orders', severity: 'warning' }, state: 'warning' },
    { check: 'c', labels: { app: 'shop', severity: 'critical' } },
  )
  expect(await messageAbout(house, 1)).toBeUndefined()
  expect(await messageAbout(house, 2)).toBeDefined()
  expect(await messageAbout(house, 3)).toBeDefined()
})

test('made, read, listed, extended, changed and ended', async () => {
  const made = await make({
    matchers: ['team="a"', { name: 'rack', operator: '=~', value: 'eu-.*' }],
    duration: '2h',
    reason: 'Moving racks',
    createdBy: 'ada',
  })
  expect(made).toMatchObject({
    state: 'active',
    matchers: ['team="a"', 'rack=~"eu-.*"'],
    endsAt: at(120),
    reason: 'Moving racks',
    createdBy: 'ada',
    recurrence: null,
  })
  const one = `${silences}/${made.id}`
  expect((await house.get(one)).body).toEqual(made)
  expect((await house.get(`${silences}?state=active`)).body).toMatchObject({
    silences: expect.arrayContaining([expect.objectContaining({ id: made.id })]),
  })
  expect((await house.post(`${one}/extend`, { duration: '1h' })).body).toMatchObject({
    id: made.id,
    endsAt: at(180),
  })
  expect((await house.post(`${one}/extend`, { endsAt: at(60) })).status).toBe(400)
  const { body: changed } = await house.put(one, { matchers: ['team="b"'], duration: '1h' })
  expect(changed).toMatchObject({ state: 'active', matchers: ['team="b"'] })
  const { id } = changed as Silence
  expect((await house.get(one)).body).toMatchObject({ state: 'expired' })
  expect((await house.remove(`${silences}/${id}`)).body).toMatchObject({ id, state: 'expired' })
  expect((await house.remove(`${silences}/${id}`)).body).toMatchObject({
    fields: [{ field: 'id', problem: 'This silence has already ended.' }],
  })
})

test('one that repeats needs no end, and says when it is next', async () => {
  const made = await make({
    matchers: ['team="a"'],
    recurrence: { cron: '0 2 * * 6', zone: 'Europe/Berlin', duration: '2h' },
  })
  expect(made).toMatchObject({
    endsAt: null,
    recurrence: { cron: '0 2 * * 6', zone: 'Europe/Berlin', durationSeconds: 7200 },
    span: { startsAt: expect.any(String), endsAt: expect.any(String) },
  })
})

test('a list is read page by page', async () => {
  for (let count = 0; count < 5; count++)
    await make({ matchers: [`page="${count}"`], duration: `${count + 200}m` })
  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { body } = await house.get(`${silences}?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
    const page = body as { silences: Silence[]; nextCursor: string | null }
    seen.push(...page.silences.map(({ id }) => id))
    cursor = page.nextCursor
  }
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.length).toBeGreaterThanOrEqual(6)
})

describe('refused, by the field', () => {
  test.each([
    ['no matcher at all', { matchers: [] }, 'matchers'],
    ['a matcher of everything', { matchers: ['team=~".*"'] }, 'matchers'],
    ['an empty simple matcher', { matcher: {}, matchers: undefined }, 'matcher'],
    ['a severity nobody has', { matcher: { severity: 'LOUD' } }, 'matcher.severity'],
    ['a matcher that is none', { matchers: ['nonsense'] }, 'matchers.0'],
    ['a broken pattern', { matchers: ['team=~"("'] }, 'matchers.0'],
    [
      'a name nobody may have',
      { matchers: [{ name: 'half \ud800', operator: '=', value: 'a' }] },
      'matchers.0',
    ],
    ['no end', { duration: undefined }, 'endsAt'],
    [
      'an end in the past',
      { duration: undefined, startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-01-02T00:00:00Z' },
      'endsAt',
    ],
    [
      'an end before its start',
      { duration: undefined, startsAt: '2099-01-02T00:00:00Z', endsAt: '2099-01-01T00:00:00Z' },
      'endsAt',
    ],
    ['two ends', { endsAt: '2099-01-01T00:00:00Z' }, 'duration'],
    ['a time that is none', { startsAt: 'soon' }, 'startsAt'],
    ['a length that is none', { duration: 'a while' }, 'duration'],
    ['a cron that is none', { recurrence: { cron: 'daily', zone: 'UTC', duration: '1h' } }, 'recurrence'],
    [
      'a zone that is none',
      { recurrence: { cron: '0 2 * * *', zone: 'Mars', duration: '1h' } },
      'recurrence',
    ],
    ['a NUL in its reason', { reason: 'a\0b' }, 'reason'],
    ['a key nobody knows', { until: 'tomorrow' }, 'body'],
  ])('%s', async (_what, parts, field) => {
    const answer = await house.post(silences, { matchers: ['team="a"'], duration: '1h', ...parts })
    expect(answer.status).toBe(400)
    expect((answer.body as { fields: { field: string }[] }).fields.map((one) => one.field)).toEqual([field])
  })

  test('an unknown silence, an id that is none, and another environment', async () => {
    const nobody = '6f6b8a4e-0000-4000-8000-000000000000'
    expect((await house.get(`${silences}/${nobody}`)).status).toBe(404)
    expect((await house.remove(`${silences}/${nobody}`)).status).toBe(404)
    expect((await house.put(`${silences}/${nobody}`, { matchers: ['a="b"'], duration: '1h' })).status).toBe(
      404,
    )
    expect((await house.get(`${silences}/nonsense`)).status).toBe(400)
    expect((await house.get(`${silences}?cursor=nonsense`)).status).toBe(400)
    expect((await house.get('/api/v1/environments/nowhere/alerts/silences')).status).toBe(404)
  })
})
