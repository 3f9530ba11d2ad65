import { describe, expect, test } from 'vitest'
import { readPostedSilence, silenceIdProblem } from '#engine/intake/alertmanager-silence.ts'

const matcher = { name: 'a', value: 'b', isRegex: false, isEqual: true }
const sound = {
  matchers: [matcher],
  startsAt: '2026-01-31T10:00:00Z',
  endsAt: '2026-01-31T12:00:00Z',
  createdBy: 'ada',
  comment: 'Moving racks',
}
const read = (body: unknown) => readPostedSilence(typeof body === 'string' ? body : JSON.stringify(body))

function wish(body: object) {
  const result = read({ ...sound, ...body })
  if ('refusal' in result) throw new Error(JSON.stringify(result.refusal))
  return result.wish
}

test('a silence as amtool sends it', () => {
  expect(wish({ id: '' })).toEqual({
    matchers: [{ name: 'a', operator: '=', value: 'b' }],
    startsAt: new Date('2026-01-31T10:00:00Z'),
    endsAt: new Date('2026-01-31T12:00:00Z'),
    reason: 'Moving racks',
    createdBy: { kind: 'source', name: 'ada' },
  })
})

test.each([
  [{ isRegex: false }, '='],
  [{ isRegex: false, isEqual: false }, '!='],
  [{ isRegex: true }, '=~'],
  [{ isRegex: true, isEqual: null }, '=~'],
  [{ isRegex: true, isEqual: false }, '!~'],
])('%j is %s', (kind, operator) => {
  expect(wish({ matchers: [{ name: 'a', value: 'b', ...kind }] }).matchers).toEqual([
    { name: 'a', operator, value: 'b' },
  ])
})

test('an empty comment or author is taken, and zero time lies long past', () => {
  expect(wish({ comment: '', createdBy: '' })).toMatchObject({ reason: '', createdBy: { name: '' } })
  expect(wish({ startsAt: '0001-01-01T00:00:00Z' }).startsAt.toISOString()).toBe('0001-01-01T00:00:00.000Z')
})

test('an id of any form is passed on, to be found missing', () => {
  expect(wish({ id: 'foo' }).id).toBe('foo')
})

describe('the schema', () => {
  test.each([
    ['', 602, 'silence in body is required'],
    ['null', 602, 'comment in body is required'],
    [{ ...sound, comment: undefined }, 602, 'comment in body is required'],
    [{ ...sound, createdBy: null }, 602, 'createdBy in body is required'],
    [{ ...sound, startsAt: undefined }, 602, 'startsAt in body is required'],
    [{ ...sound, endsAt: undefined }, 602, 'endsAt in body is required'],
    [{ ...sound, matchers: undefined }, 602, 'matchers in body is required'],
    [{ ...sound, matchers: [] }, 612, 'matchers in body should have at least 1 items'],
    [{ ...sound, matchers: [{ name: 'a', value: 'b' }] }, 602, 'matchers.0.isRegex in body is required'],
    [
      { ...sound, matchers: [matcher, { value: 'b', isRegex: true }] },
      602,
      'matchers.1.name in body is required',
    ],
    [{ ...sound, matchers: [{ name: 'b', isRegex: false }] }, 602, 'matchers.0.value in body is required'],
    ['{"__proto__":{}}', 602, '__proto__ in body is a forbidden property'],
  ])('%j → 422', (body, code, message) => {
    expect(read(body)).toEqual({ refusal: { status: 422, body: { code, message } } })
  })

  test.each([
    ['{x', /JSON/],
    ['[]', /an array was found: send one object/],
    [{ ...sound, id: 1 }, /id must be text: a number was found/],
    [{ ...sound, comment: {} }, /comment must be text: an object was found/],
    [{ ...sound, endsAt: 'x' }, /endsAt: "x" is no time/],
    [{ ...sound, matchers: {} }, /matchers must be an array: an object was found/],
    [{ ...sound, matchers: [null] }, /matchers\.0 must be an object: null was found/],
    [
      { ...sound, matchers: [{ ...matcher, name: 1 }] },
      /matchers\.0\.name must be a string: a number was found/,
    ],
    [
      { ...sound, matchers: [matcher, { ...matcher, isRegex: 'true' }] },
      /matchers\.1\.isRegex must be a boolean: a string was found/,
    ],
    [`{"comment":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, /nests more than/],
  ])('%.60j → 400', (body, because) => {
    expect(read(body)).toEqual({
      refusal: { status: 400, body: { code: 400, message: expect.stringMatching(because) } },
    })
  })
})

test('a path that holds no uuid is refused before anyone looks', () => {
  expect(silenceIdProblem('00000000-0000-4000-8000-000000000000')).toBeUndefined()
  expect(silenceIdProblem('not-a-uuid')).toEqual({
    status: 422,
    body: { code: 601, message: 'silenceID in path must be of type uuid: "not-a-uuid"' },
  })
})
