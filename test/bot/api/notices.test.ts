import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { alerts } from '#db/schema/alerts.ts'
import { batches } from '#db/schema/intake.ts'
import { noticeTypes } from '#engine/intake/axonops-catalogue.ts'
import { type BadBody, badBodies, tooMany } from '#test/harness/bad-bodies.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse
let cluster: string
let clusters = 0

beforeAll(async () => {
  house = await serveHouse()
})
beforeEach(() => {
  cluster = `orders-${++clusters}`
})
afterAll(() => house.close())

const path = '/api/v1/notices'
const notice = (parts: Readonly<Record<string, unknown>> = {}) => ({
  type: 'repair-segment-failed',
  source: cluster,
  component: 'node-3',
  message: 'Segment 17 failed',
  ...parts,
})

const alertsOfCluster = async () => {
  await house.settled()
  const all = await house.memory.db.select().from(alerts)
  return all.filter(({ entity }) => entity.startsWith(cluster))
}

test('a notice becomes an alert, and resolved ends it', async () => {
  expect(await house.post(path, notice())).toMatchObject({ status: 200, body: { accepted: 1, refused: [] } })
  expect(await alertsOfCluster()).toMatchObject([
    { state: 'FIRING', severity: 'WARNING', title: 'A repair segment failed', entity: `${cluster}/node-3` },
  ])
  await house.post(path, notice({ resolved: true }))
  expect(await alertsOfCluster()).toMatchObject([{ state: 'RESOLVED' }])
})

test('many come as an array or one a line, and the good ones of a partly bad batch are kept', async () => {
  const array = [notice({ component: 'a' }), notice({ colour: 'red' }), notice({ component: 'c' })]
  expect(await house.post(path, array)).toMatchObject({
    status: 200,
    body: {
      accepted: 2,
      refused: [{ index: 1, problems: [expect.stringContaining('"colour" is not part')] }],
    },
  })
  const lines = [JSON.stringify(notice({ component: 'd' })), '{"broken', '', '{}']
  expect(await house.post(path, lines.join('\n'), 'application/x-ndjson')).toMatchObject({
    status: 200,
    body: {
      accepted: 1,
      refused: [
        { index: 1, problems: [expect.stringContaining('cannot be read as JSON')] },
        { index: 2, problems: [expect.stringContaining('source must be text')] },
      ],
    },
  })
  const nodes = (await alertsOfCluster()).map(({ entity }) => entity.slice(-1))
  expect(nodes.toSorted()).toEqual(['a', 'c', 'd'])
})

test('the catalogue says which types have a name, and what the name alone says', async () => {
  const { status, body } = await house.get(`${path}/types`)
  expect(status).toBe(200)
  expect(body).toMatchObject({
    categories: expect.arrayContaining(['backups', 'repairs']),
    types: expect.arrayContaining([
      {
        type: 'repair-segment-failed',
        category: 'repairs',
        severity: 'warning',
        title: 'A repair segment failed',
      },
    ]),
  })
  expect(body).toHaveProperty('types.length', Object.keys(noticeTypes).length)
})

describe('what cannot be accepted gets a precise 4xx and leaves nothing behind', () => {
  test.each<BadBody>([
    ...badBodies,
    tooMany,
    ['NUL', '{"type":"backup-deleted","source":"a\\u0000"}', 400, 'source holds a NUL'],
    ['half a character', '{"type":"backup-deleted","source":"\\ud800"}', 400, 'half a character'],
    ['a huge number', '{"type":"backup-deleted","source":1e308}', 400, 'source must be text'],
    [
      'an unknown key',
      '{"type":"backup-deleted","source":"a","x":1}',
      400,
      '\\"x\\" is not part of a notice',
    ],
    ['an unknown type', '{"type":"toString","source":"a"}', 400, 'GET /api/v1/notices/types lists them'],
  ])('%s', async (_what, body, status, because) => {
    const reply = await house.post(path, body)
    expect(reply.status).toBe(status)
    expect(reply.text).toContain(because)
    expect(await house.memory.db.$count(batches)).toBe(0)
  })

  test('more lines than fit', async () => {
    const { status, text } = await house.post(path, '[\n'.repeat(60_000), 'application/x-ndjson')
    expect(status).toBe(400)
    expect(text).toContain('The body holds 60000 events, 50000 are the most')
  })

  test('another type of content', async () => {
    expect((await house.post(path, 'a=b', 'text/plain')).status).toBe(415)
  })

  test('an empty array is nothing to do and no mistake', async () => {
    expect(await house.post(path, [])).toMatchObject({ status: 200, body: { accepted: 0 } })
  })
})
