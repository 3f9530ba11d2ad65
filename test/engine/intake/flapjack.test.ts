import { describe, expect, test } from 'vitest'
import { readFlapjackEvent, readFlapjackText, type FlapjackReading } from '#engine/intake/flapjack.ts'

const service = { type: 'service', state: 'critical', entity: 'web-11.example', check: 'HTTP Port 80' }
const acknowledgement = { ...service, type: 'action', state: 'acknowledgement' }

function eventOf(reading: FlapjackReading) {
  if (reading.kind === 'refused') throw new Error(reading.problems.join(' '))
  return reading.event
}

function problemsOf(reading: FlapjackReading): string {
  return reading.kind === 'refused' ? reading.problems.join(' ') : ''
}

describe('what Flapjack takes, we take', () => {
  test('a whole service event', () => {
    const whole = {
      ...service,
      summary: ' Connection refused ',
      details: 'tried 3 times',
      perfdata: 'time=0.4s;1;2',
      time: '1389780000',
      tags: ['web', 'Shop'],
      initial_failure_delay: 0,
      repeat_failure_delay: '300',
    }
    expect(eventOf(readFlapjackEvent(whole))).toEqual({
      kind: 'service',
      state: 'critical',
      checkKey: 'web-11.example:HTTP Port 80',
      entity: 'web-11.example',
      check: 'HTTP Port 80',
      summary: 'Connection refused',
      details: 'tried 3 times',
      perfdata: 'time=0.4s;1;2',
      tags: ['web', 'Shop'],
      observedAt: 1_389_780_000,
      initialFailureDelaySeconds: 0,
      repeatFailureDelaySeconds: 300,
    })
  })

  test('an acknowledgement and a test', () => {
    const raw = { ...acknowledgement, duration: '3600', acknowledgement_id: 42 }
    expect(eventOf(readFlapjackEvent(raw))).toMatchObject({
      kind: 'acknowledgement',
      durationSeconds: 3600,
      acknowledgementId: '42',
    })
    expect(eventOf(readFlapjackEvent({ ...acknowledgement, state: 'test_notifications' }))).toMatchObject({
      kind: 'test',
    })
  })

  test('type, state and entity in any case, the check name as it is', () => {
    const event = eventOf(
      readFlapjackEvent({ type: 'SERVICE', state: 'Warning', entity: 'Web-11', check: 'Disk C:' }),
    )
    expect(event).toMatchObject({
      state: 'warning',
      entity: 'web-11',
      check: 'Disk C:',
      checkKey: 'web-11:Disk C:',
    })
  })

  test('an entity ends at its first colon', () => {
    expect(eventOf(readFlapjackEvent({ ...service, entity: 'db:1', check: 'disk' }))).toMatchObject({
      entity: 'db',
      check: '1:disk',
    })
    expect(problemsOf(readFlapjackEvent({ ...service, entity: ':1' }))).toContain(
      'must not begin with a colon',
    )
  })

  test('blank texts say nothing, null is absent, negative delays are none', () => {
    const event = eventOf(
      readFlapjackEvent({ ...service, summary: ' \n', details: null, tags: null, initial_failure_delay: -5 }),
    )
    expect(event).toMatchObject({ summary: null, details: null, tags: [], initialFailureDelaySeconds: null })
  })

  test('info, which is ours', () => {
    expect(eventOf(readFlapjackEvent({ ...service, state: 'info' }))).toMatchObject({ state: 'info' })
  })
})

describe('what is wrong is named, with what would be right', () => {
  test.each([
    [
      'an unknown key',
      { ...service, initial_recovery_delay: 5 },
      'The key "initial_recovery_delay" is not known; allowed are type, state',
    ],
    [
      'several unknown keys',
      { ...service, colour: 1, shape: 2 },
      'The keys "colour", "shape" are not known; allowed are type, state',
    ],
    ['a missing check', { ...service, check: '' }, 'check is missing'],
    [
      'a state Nagios would know',
      { ...service, state: 'down' },
      'state must be one of ok, info, warning, critical, unknown, acknowledgement, test_notifications; found "down".',
    ],
    ['an entity that is a number', { ...service, entity: 7 }, 'entity must be a string.'],
    [
      'a delay with a fraction',
      { ...service, initial_failure_delay: 1.5 },
      'initial_failure_delay must be an integer or a string of digits.',
    ],
    [
      'a delay that is empty',
      { ...service, repeat_failure_delay: '' },
      'repeat_failure_delay must be an integer or a string of digits.',
    ],
    [
      'a delay beyond all clocks',
      { ...service, initial_failure_delay: 1e300 },
      'initial_failure_delay must be at most 3155760000.',
    ],
    [
      'digits beyond all clocks',
      { ...service, time: '9'.repeat(400) },
      'time must be at most 8640000000000.',
    ],
    ['tags that are no list', { ...service, tags: 'web' }, 'tags must be an array of strings.'],
    [
      'a tag that is no string',
      { ...service, tags: ['web', 1] },
      'tags must be an array of strings; item 1 must be a string.',
    ],
    ['NUL in a name', { ...service, check: 'disk\0' }, 'check must not contain the character NUL'],
    [
      'half a character',
      { ...service, summary: '\ud83d' },
      'summary must not contain half of a surrogate pair',
    ],
    [
      'a name without end',
      { ...service, check: 'x'.repeat(401) },
      'check must have at most 400 characters; it has 401.',
    ],
    [
      'an action without a deed',
      { ...service, type: 'action', state: 'ok' },
      'state ok does not go with type action',
    ],
    [
      'a service that acknowledges',
      { ...acknowledgement, type: 'service' },
      'state acknowledgement does not go with type service',
    ],
    [
      'an acknowledgement for no time',
      { ...acknowledgement, duration: 0 },
      'duration must be at least one second.',
    ],
    [
      'the wake-up call of the processor',
      { type: 'noop' },
      'type must be one of service, action; found "noop".',
    ],
    ['a list', [service], 'An event is a JSON object'],
    ['nothing', null, 'An event is a JSON object'],
  ])('%s', (_what, value, problem) => {
    expect(problemsOf(readFlapjackEvent(value))).toContain(problem)
  })

  test('all of it at once', () => {
    const reading = readFlapjackEvent({ type: 'x', colour: 'red', entity: 1, check: 'a', state: 'ok' })
    expect(reading).toMatchObject({ kind: 'refused', problems: { length: 3 } })
  })
})

describe('text from outside cannot do harm', () => {
  test.each([
    ['no JSON', '{"type":', 'cannot be read as JSON'],
    ['a hundred thousand levels', '['.repeat(100_000) + ']'.repeat(100_000), 'cannot be read as JSON'],
    [
      'a prototype',
      JSON.stringify(service).replace('{', '{"__proto__":{"state":"ok"},'),
      'The key "__proto__" is not known',
    ],
    ['a constructor', JSON.stringify({ ...service, constructor: 1 }), 'The key "constructor" is not known'],
    [
      'a key that breaks lines',
      JSON.stringify({ ...service, 'a\n\ud800b': 1 }),
      String.raw`The key "a\n\ud800b" is not known`,
    ],
    [
      'numbers beyond numbers',
      `{"type":"service","state":"ok","entity":"a","check":"b","time":1${'0'.repeat(400)}}`,
      'time must be',
    ],
  ])('%s', (_what, text, problem) => {
    expect(problemsOf(readFlapjackText(text))).toContain(problem)
  })

  test('a long key is not repeated at length', () => {
    expect(problemsOf(readFlapjackEvent({ ...service, ['k'.repeat(1e6)]: 1 })).length).toBeLessThan(500)
  })
})
