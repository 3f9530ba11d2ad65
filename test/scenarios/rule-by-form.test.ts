import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Answer } from '#engine/command/answer.ts'
import { plainLine, plainMessage } from '#engine/message/plain.ts'
import type { Person } from '#engine/person.ts'
import type { Form, FormValues } from '#engine/view/form.ts'
import { messageAbout } from '#test/harness/local-chat.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

let house: House
let ana: Person

beforeEach(async () => {
  house = await startHouse()
  ana = await house.person('Ana')
})

afterEach(() => house.close())

const subject = {
  name: 'Checkout is failing',
  kind: 'ROUTE_METRIC',
  severity: 'CRITICAL',
  app: 'payment-service',
  route: 'authorize-card',
}
const condition = { metric: 'ERROR_RATE', comparator: 'GT', threshold: '5%', window: '1m', for: '0' }

async function begin(): Promise<Form> {
  return formIn(await house.front.say('/alert rule create', ana))
}

async function send(form: Form, values: FormValues): Promise<Answer> {
  return house.front.submit(form.id, values, ana)
}

function formIn(answer: Answer): Form {
  if (answer.kind !== 'form') throw new Error(`a form was expected, not ${JSON.stringify(answer)}`)
  return answer.form
}

function errorsOf(form: Form): Record<string, string> {
  return Object.fromEntries(
    form.fields.flatMap(({ name, error }) => (error === undefined ? [] : [[name, error]])),
  )
}

async function rulesSaid(): Promise<string> {
  const answer = await house.front.say('rule list', ana)
  return answer.kind === 'message' ? plainMessage(answer.message) : answer.kind
}

test('a rule is made in three steps, previewed over what was, listed, and then it fires', async () => {
  const minutesAgo = (minutes: number) => new Date(house.clock.now().getTime() - minutes * 60_000)
  for (const minutes of [40, 41, 42])
    await house.executions(20, { status: 'FAILED', ts: minutesAgo(minutes) })
  for (const minutes of [10, 20, 30, 50]) await house.executions(20, { ts: minutesAgo(minutes) })

  const first = await begin()
  expect(first).toMatchObject({ title: 'Create a rule', step: 1, steps: 3, submitLabel: 'Next' })
  const second = formIn(await send(first, subject))
  expect(second).toMatchObject({ id: first.id, step: 2, submitLabel: 'Preview' })
  const third = formIn(await send(second, condition))
  expect(third).toMatchObject({
    id: first.id,
    step: 3,
    title: 'Save this rule?',
    submitLabel: 'Save',
    fields: [],
  })
  expect(third.intro.map(plainLine)).toEqual([
    'Checkout is failing · CRITICAL',
    'Error rate over 1 min above 5 % on payment-service/authorize-card',
    'Right now there is no data to judge.',
    expect.stringMatching(/^In the last 3 h it would have fired once, for \d+ min( \d+ s)? in all\.$/),
  ])
  expect(third.picture).toMatchObject({ threshold: 0.05, unit: 'ratio', breachesAbove: true })
  expect(await rulesSaid()).toContain('Nothing is watched yet.')

  expect(await send(third, {})).toMatchObject({
    kind: 'message',
    message: { headline: 'Saved: Checkout is failing' },
  })
  expect((await rulesSaid()).replace(/ [0-9a-f]{8}$/mu, '')).toBe(
    [
      '1 rule, 0 failing now',
      'Checkout is failing',
      '  CRITICAL · Error rate over 1 min above 5 % on payment-service/authorize-card · checked every 10 s',
    ].join('\n'),
  )

  house.clock.forward('10s')
  await house.executions(20, { status: 'FAILED' })
  await house.tick()
  expect((await messageAbout(house, 1))?.message.headline).toBe('#1 Checkout is failing')
  expect(await rulesSaid()).toContain('1 rule, 1 failing now')
})

test('what is wrong on the first step is said on the first step, beside its field', async () => {
  const form = await begin()
  const again = formIn(await send(form, { ...subject, name: ' ', app: '', route: 'authorize-card' }))
  expect(again.step).toBe(1)
  expect(errorsOf(again)).toEqual({
    name: 'The rule needs a name.',
    route: 'A route needs its app: name that too.',
  })
  expect(again.fields.find((field) => field.name === 'route')?.value).toBe('authorize-card')
})

test.each([
  ['a threshold in words', { threshold: 'five' }, { threshold: 'The threshold must be a number.' }],
  [
    'an error rate above one',
    { threshold: '5' },
    { threshold: 'An error rate lies between 0 and 1; for 5 % write 0.05.' },
  ],
  [
    'a window without a unit we know',
    { window: '5 lunches' },
    { window: 'Not a length of time: try 1m, 5m or 1h.' },
  ],
  ['a window of two days', { window: '2d' }, { window: 'The window is longer than 24 h (86400 s).' }],
  ['a delay in words', { for: 'soon' }, { for: 'Not a length of time: try 0, 30s, 5m or 1h.' }],
  ['a delay of a week', { for: '7d' }, { for: 'At most a day.' }],
  [
    'a choice that is not offered',
    { metric: 'KARMA' },
    { metric: expect.stringMatching(/^The metric must be one of /) },
  ],
])('the second step refuses %s', async (_what, wrong, errors) => {
  const second = formIn(await send(await begin(), subject))
  const again = formIn(await send(second, { ...condition, ...wrong }))
  expect(again.step).toBe(2)
  expect(errorsOf(again)).toEqual(errors)
  expect(formIn(await send(again, condition)).step).toBe(3)
})

test('a log rule is asked for its own fields, and a pattern RE2 cannot run is refused there', async () => {
  const { route: _none, ...logSubject } = { ...subject, kind: 'LOG_PATTERN' }
  const second = formIn(await send(await begin(), logSubject))
  expect(second.fields.map((field) => field.name)).toEqual(['level', 'pattern', 'threshold', 'window', 'for'])
  const values = { level: 'ERROR', pattern: '(?=look)', threshold: '2', window: '5m', for: '' }
  const again = formIn(await send(second, values))
  expect(errorsOf(again)['pattern']).toMatch(/^The pattern is not a regular expression RE2 can run/)
  expect(formIn(await send(again, { ...values, pattern: 'Timeout' })).step).toBe(3)
})

test('a form belongs to whoever opened it, is sent once, and can be opened again until then', async () => {
  const form = await begin()
  const ben = await house.person('Ben')
  const refused = { kind: 'refused', because: expect.stringMatching(/^That form is no longer open/) }
  expect(await house.front.submit(form.id, subject, ben)).toEqual(refused)
  expect(await house.front.reopen(form.id, ben)).toEqual(refused)
  expect(await house.front.reopen("'; drop table rules", ana)).toEqual(refused)

  await send(form, subject)
  expect(formIn(await house.front.reopen(form.id, ana)).step).toBe(2)
  const third = formIn(await send(form, condition))
  const answers = await Promise.all([send(third, {}), send(third, {})])
  expect(answers.map((answer) => answer.kind).sort()).toEqual(['message', 'refused'])
  expect(await rulesSaid()).toContain('1 rule, ')
  expect(await send(third, {})).toEqual(refused)
})

test('a form left alone for hours is gone', async () => {
  const form = await begin()
  house.clock.forward('4h')
  expect(await send(form, subject)).toMatchObject({ kind: 'refused' })
})

test('text that no database keeps does no harm', async () => {
  const form = await begin()
  const second = formIn(
    await send(form, { ...subject, name: 'Checkout\0 is \ud800failing', ['__proto__']: 'x' }),
  )
  expect(second.step).toBe(2)
  expect(plainLine(formIn(await send(second, condition)).intro[0] ?? [])).toBe(
    'Checkout is \ufffdfailing · CRITICAL',
  )
})

test('a viewer may look, but neither opens a form nor sends one opened before', async () => {
  const form = await begin()
  const viewer = await house.person('Ana', { mayOnlyLook: true })
  expect(viewer.id).toBe(ana.id)
  const refused = {
    kind: 'refused',
    because: expect.stringMatching(/^You may look but not act: .* OPERATOR/),
  }
  expect(await house.front.submit(form.id, subject, viewer)).toEqual(refused)
  for (const line of ['rule create', 'ack 1', 'silence 1 1h', 'silence 1', 'resolve 1']) {
    expect(await house.front.say(line, viewer)).toEqual(refused)
  }
  for (const line of ['rule list', 'list', 'help']) {
    expect(await house.front.say(line, viewer)).toMatchObject({ kind: 'message' })
  }
})

test('of several alerts named at once, one that does not exist is no reason to leave the others', async () => {
  await house.rule()
  await house.executions(10, { status: 'FAILED' })
  await house.tick()
  await messageAbout(house, 1)
  const answer = await house.front.say('ack 999 1', ana)
  expect(answer.kind === 'message' && plainMessage(answer.message)).toBe(
    'Done\n#999: There is no alert #999.\n#1: Acknowledged by Ana.',
  )
  expect(await house.front.say('ack 999', ana)).toEqual({
    kind: 'refused',
    because: 'There is no alert #999.',
  })
  expect(await house.front.say('show 999', ana)).toEqual({
    kind: 'refused',
    because: 'There is no alert #999.',
  })
  expect(await house.front.say('silence 999', ana)).toEqual({
    kind: 'refused',
    because: 'There is no alert #999.',
  })
})
