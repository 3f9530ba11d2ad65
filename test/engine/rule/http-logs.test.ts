import { describe, expect, test } from 'vitest'
import type { Standing } from '#engine/rule/condition.ts'
import type { ClientFigures, ResponseFigures } from '#engine/telemetry/elasticsearch.ts'
import { draftOf, judge } from '#test/harness/rule-things.ts'

const fails: Standing = { isFailing: () => true }

describe('HTTP_5XX', () => {
  const http = { kind: 'HTTP_5XX', index: 'logs-*' }
  const answer = (settled: ResponseFigures) => ({
    about: 'http-responses' as const,
    early: { count: 1, failed: 1 },
    settled,
  })

  test.each<[string, object, ResponseFigures, boolean, string, number | null]>([
    ['above', {}, { count: 100, failed: 11 }, false, 'breach', 0.11],
    ['exactly at it does not fire', {}, { count: 100, failed: 10 }, false, 'clear', 0.1],
    ['and is over', {}, { count: 100, failed: 10 }, true, 'clear', 0.1],
    ['a few of a few', { minimumSamples: 20 }, { count: 19, failed: 19 }, false, 'no-data', null],
    ['enough of them', { minimumSamples: 20 }, { count: 20, failed: 20 }, false, 'breach', 1],
    ['nothing at all', {}, { count: 0, failed: 0 }, true, 'no-data', null],
    ['not over yet', { recoveryThreshold: 0.05 }, { count: 100, failed: 8 }, true, 'breach', 0.08],
    ['nor would it begin', { recoveryThreshold: 0.05 }, { count: 100, failed: 8 }, false, 'clear', 0.08],
  ])('%s', (_what, parts, settled, isFailing, verdict, value) => {
    const { condition } = draftOf({ ...http, ...parts })
    const readings = judge(condition, answer(settled), { isFailing: () => isFailing })
    expect(readings).toMatchObject([{ verdict, value }])
  })

  test('too few to judge says how few', () => {
    const { condition } = draftOf({ ...http, minimumSamples: 20 })
    expect(judge(condition, answer({ count: 3, failed: 3 }))[0]?.summary).toBe(
      'Only 3 responses in logs-* over 15 min: too few to judge (20 needed).',
    )
  })
})

describe('GATEWAY_4XX', () => {
  const gateway = { kind: 'GATEWAY_4XX', index: 'logs-*', threshold: 500 }
  const figures = (clients: Record<string, number>, others = 0): ClientFigures => ({
    clients: Object.entries(clients).map(([client, rejected]) => ({ client, rejected })),
    others,
  })
  const both = (settled: ClientFigures, early = settled) => ({
    about: 'http-clients' as const,
    early,
    settled,
  })
  const judged = (parts: object, settled: ClientFigures, early = settled) =>
    judge(draftOf({ ...gateway, ...parts }).condition, both(settled, early))[0]

  test.each<[string, object, Record<string, number>, string, number]>([
    ['above', {}, { '192.0.2.1': 501 }, 'breach', 501],
    ['exactly at it', {}, { '192.0.2.1': 500 }, 'clear', 500],
    ['nobody', {}, {}, 'clear', 0],
    ['a friend', { allow: ['192.0.2.0/24'] }, { '192.0.2.1': 9000 }, 'clear', 0],
    ['a friend by IPv6', { allow: ['2001:db8::/32'] }, { '2001:db8:1::7': 9000 }, 'clear', 0],
    ['a friend written as IPv6', { allow: ['192.0.2.0/24'] }, { '::ffff:192.0.2.1': 9000 }, 'clear', 0],
    ['beside a friend', { allow: ['192.0.2.1'] }, { '192.0.2.1': 9000, '192.0.2.2': 501 }, 'breach', 501],
    ['one address written in two ways', {}, { '192.0.2.1': 300, '::ffff:192.0.2.1': 300 }, 'breach', 600],
    ['what is no address', { allow: ['::/0'] }, { unknown: 501 }, 'breach', 501],
  ])('%s', (_what, parts, clients, verdict, value) => {
    expect(judged(parts, figures(clients))).toMatchObject({ verdict, value })
  })

  test('it fires at once, and is over when what is complete says so', () => {
    const [many, few] = [figures({ '192.0.2.1': 501 }), figures({ '192.0.2.1': 5 })]
    expect(judged({}, few, many)).toMatchObject({
      verdict: 'breach',
      summary: expect.stringContaining('(501)'),
    })
    const late = judge(draftOf(gateway).condition, both(many, few), fails)
    expect(late).toMatchObject([{ verdict: 'breach', summary: expect.stringContaining('192.0.2.1 (501)') }])
  })

  test('the worst are listed, the rest is counted', () => {
    const many = Object.fromEntries(
      Array.from({ length: 14 }, (_, index) => [`192.0.2.${index}`, 600 + index]),
    )
    expect(judged({ listed: 2 }, figures({ ...many, '198.51.100.1': 3 }, 7))?.summary).toBe(
      '192.0.2.13 (613), 192.0.2.12 (612) and 12 more got more than 500 responses of status 4xx each over 30 min.',
    )
    expect(judged({ listed: 2 }, figures(many, 7))?.summary).toContain(' and at least 12 more got more')
  })

  test('an address that is a novel is cut', () => {
    expect(judged({}, figures({ ['x'.repeat(5000)]: 501 }))?.summary).toMatch(/^x{60}… \(501\) got more/)
  })
})
