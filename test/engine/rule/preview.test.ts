import { describe, expect, test } from 'vitest'
import { plainLine } from '#engine/message/plain.ts'
import { previewRule } from '#engine/rule/preview.ts'
import { parseRuleDraft, type RuleDraft } from '#engine/rule/rule.ts'
import { pictureSlots, slotsUntil } from '#engine/telemetry/picture-slots.ts'
import type { RulePreview } from '#engine/view/rule-form.ts'
import { slotInstant } from '#engine/telemetry/telemetry.ts'
import { after, start, settled } from '#test/harness/engine-things.ts'

function draft(forDurationSeconds: number): RuleDraft {
  const parsed = parseRuleDraft({
    name: 'Failures',
    severity: 'INFO',
    conditionKind: 'ROUTE_METRIC',
    condition: {
      kind: 'ROUTE_METRIC',
      scope: {},
      metric: 'ERROR_RATE',
      comparator: 'GT',
      threshold: 0.5,
      windowSeconds: 60,
    },
    forDurationSeconds,
  })
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
  return parsed.draft
}

/** One letter a minute: `b` breach, `c` clear, `-` no data. */
function preview(letters: string, forDurationSeconds = 0) {
  const slots = { from: start, stepSeconds: 60, count: letters.length }
  const answers = Array.from(letters, (letter) => ({
    about: 'executions' as const,
    ...settled({
      count: letter === '-' ? 0 : 10,
      failed: letter === 'b' ? 10 : 0,
      averageDurationMs: null,
      p99DurationMs: null,
    }),
  }))
  return previewRule(draft(forDurationSeconds), slots, answers)
}

describe('what a rule would have done', () => {
  test.each([
    ['cccc', 0, 'In the last 4 min it would not have fired.', []],
    ['cbbc', 0, 'In the last 4 min it would have fired once, for 2 min in all.', [60]],
    ['bcbb', 0, 'In the last 4 min it would have fired 2 times, for 2 min in all.', [0, 120]],
    ['b--b', 0, 'In the last 4 min it would have fired once, for 3 min in all.', [0]],
    ['b--c', 0, 'In the last 4 min it would have fired once, for 3 min in all.', [0]],
    ['----', 0, 'In the last 4 min it would not have fired.', []],
    ['bbbc', 120, 'In the last 4 min it would have fired once, for 1 min in all.', [120]],
    ['bbbc', 121, 'In the last 4 min it would not have fired.', []],
    ['bcbbb', 120, 'In the last 5 min it would have fired once, for 0 s in all.', [240]],
  ])('%s with a delay of %d s', (letters, delay, sentence, marks) => {
    const { lines, picture } = preview(letters, delay)
    expect(plainLine(lines.at(-1) ?? [])).toBe(sentence)
    expect(picture?.marks).toEqual(marks.map((seconds) => after(seconds).toISOString()))
  })

  test.each([
    ['cb', 'Right now it is 100 %: it would be firing.'],
    ['bc', 'Right now it is 0 %: it would be quiet.'],
    ['b-', 'Right now there is no data to judge.'],
  ])('%s: what it is now', (letters, sentence) => {
    expect(preview(letters).lines.map(plainLine)).toContain(sentence)
  })

  test('the picture shows gaps as gaps', () => {
    expect(preview('b-c').picture).toMatchObject({
      values: [1, null, 0],
      threshold: 0.5,
      stepSeconds: 60,
      from: start.toISOString(),
    })
  })

  test('the delay is named where there is one', () => {
    expect(plainLine(preview('c', 90).lines[1] ?? [])).toMatch(/on all services, for 1 min 30 s$/)
    expect(plainLine(preview('c', 0).lines[1] ?? [])).toMatch(/on all services$/)
  })
})

describe('the slots of a picture', () => {
  test.each([
    [10, 30 * 60],
    [300, 30 * 60],
    [3600, 6 * 3600],
  ])('a window of %d s is shown over %d s, the last slot being now', (windowSeconds, span) => {
    const slots = pictureSlots(start, windowSeconds)
    expect(slots.count * slots.stepSeconds).toBe(span)
    expect(slotInstant(slots, slots.count - 1)).toEqual(start)
  })

  test('slots never share an instant', () => {
    expect(slotsUntil(start, 10, 60)).toMatchObject({ stepSeconds: 1, count: 60 })
  })
})

describe('what nobody looked at is said', () => {
  const lines = ({ lines: told }: RulePreview) => told.map(plainLine).join('\n')

  test('between looks that are further apart than the window is long', () => {
    const slots = { from: start, stepSeconds: 75, count: 1 }
    const figures = settled({ count: 10, failed: 0, averageDurationMs: null, p99DurationMs: null })
    const told = previewRule(draft(0), slots, [{ about: 'executions', ...figures }])
    expect(lines(told)).toContain('It was looked at every 1 min 15 s, and not at the 15 s between.')
    expect(lines(preview('cc'))).not.toContain('It was looked at')
  })

  test.each([
    ['everybody who was counted is allowed, and others could be above', [900, 600], 700, true],
    ['others are too few to be above', [900, 600], 400, false],
    ['who was counted last is below already', [900, 300], 7000, false],
  ])('among the clients of a gateway: %s', (_what, [most = 0, least = 0], others, isSaid) => {
    const parsed = parseRuleDraft({
      name: 'Scanners',
      severity: 'INFO',
      conditionKind: 'GATEWAY_4XX',
      condition: { kind: 'GATEWAY_4XX', index: 'logs', allow: ['10.0.0.0/8', '2001:db8::/32'] },
    })
    if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
    const clients = [
      { client: '10.1.2.3', rejected: most },
      { client: '2001:db8::7', rejected: least },
    ]
    const answer = {
      about: 'http-clients' as const,
      early: { clients, others },
      settled: { clients, others },
    }
    const told = previewRule(parsed.draft, { from: start, stepSeconds: 600, count: 1 }, [answer])
    expect(lines(told).includes('At 1 of 1 looks there were more addresses')).toBe(isSaid)
  })
})
