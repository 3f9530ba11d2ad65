import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { message, type Message, type Span, type Tone } from '#engine/message/message.ts'
import { renderTeams, teamsSummary } from '#engine/message/teams.ts'
import { plainWords, teamsLine, teamsText } from '#engine/message/teams-text.ts'
import { elements, teamsCardProblems } from '#test/harness/teams-limits.ts'

const alert = message({
  tone: 'critical',
  headline: '#42 Error rate of orders',
  lines: [['7.2 % of executions failed in the last 5 min']],
  facts: [
    { label: 'Severity', value: ['CRITICAL'] },
    { label: 'Since', value: [{ time: '2026-11-21T03:04:05.678Z', style: 'clock' }] },
  ],
  picture: {
    from: '2026-11-21T03:00:00.000Z',
    stepSeconds: 60,
    values: [0.01, null, 0.072],
    threshold: 0.05,
    unit: 'ratio',
    breachesAbove: true,
    marks: [],
  },
  notes: [['acknowledged by Ann']],
  actions: [
    { kind: 'button', label: 'Acknowledge', command: 'ack 42', style: 'primary' },
    {
      kind: 'menu',
      label: 'Silence',
      options: [
        { label: '30 minutes', command: 'silence 42 30m' },
        { label: 'Custom…', command: 'silence 42' },
      ],
    },
    { kind: 'button', label: 'Resolve', command: 'resolve 42', style: 'danger' },
    { kind: 'link', label: 'Open', href: 'https://tocsin.example/42' },
  ],
})

function found(card: unknown, title: string) {
  return elements(card).find((element) => element['title'] === title)
}

describe('an alert as an Adaptive Card', () => {
  it('passes the limits and Microsoft’s parser', () => {
    expect(teamsCardProblems(renderTeams(alert))).toEqual([])
  })

  it('has buttons that carry a command, also for apps too old for Action.Execute', () => {
    expect(found(renderTeams(alert), 'Acknowledge')).toEqual({
      type: 'Action.Execute',
      title: 'Acknowledge',
      verb: 'say',
      style: 'positive',
      data: { command: 'ack 42' },
      fallback: { type: 'Action.Submit', title: 'Acknowledge', data: { command: 'ack 42' } },
    })
  })

  it('unfolds the choices of Silence, and asks by dialog where the command needs a form', () => {
    const menu = found(renderTeams(alert), 'Silence')
    expect(menu?.type).toBe('Action.ShowCard')
    expect(found(menu, '30 minutes')).toMatchObject({ data: { command: 'silence 42 30m' } })
    expect(found(menu, 'Custom…')).toEqual({
      type: 'Action.Submit',
      title: 'Custom…',
      data: { msteams: { type: 'task/fetch' }, command: 'silence 42' },
    })
  })

  it('shows instants in the reader’s own zone', () => {
    expect(teamsLine([{ time: '2026-11-21T03:04:05.678Z', style: 'date' }], 100)).toBe(
      '{{DATE(2026-11-21T03:04:05Z, SHORT)}} {{TIME(2026-11-21T03:04:05Z)}}',
    )
  })

  it('says its state in colour and keeps the picture as a line of bars', () => {
    const [headline] = renderTeams(alert).body
    expect(headline?.['style']).toBe('attention')
    expect(elements(renderTeams(alert)).some(({ text }) => /▁.*█ now 7\.2/u.test(String(text)))).toBe(true)
  })

  it('gives every row of a list its own button', () => {
    const item = {
      tone: 'warning',
      line: ['#7 slow'],
      action: { kind: 'button', label: 'Show', command: 'show 7' },
    } as const
    const list = renderTeams(message({ headline: '1 open alert', items: [item] }))
    expect(teamsCardProblems(list)).toEqual([])
    expect(found(list, 'Show')).toMatchObject({ verb: 'say', data: { command: 'show 7' } })
  })

  it('leaves out the last rows of a list that would not fit, and says how many', () => {
    const items = Array.from({ length: 200 }, (_, at) => ({
      tone: 'info' as const,
      line: [`#${at} ${'很长'.repeat(100)}`],
      action: { kind: 'button' as const, label: 'Show', command: `show ${at}` },
    }))
    const card = renderTeams(message({ headline: '200 open alerts', items }))
    expect(teamsCardProblems(card)).toEqual([])
    const rows = elements(card).filter(({ type }) => type === 'ColumnSet').length
    expect(rows).toBeGreaterThan(10)
    expect(JSON.stringify(card)).toContain(`and ${200 - rows} more`)
  })

  it('leaves out a button whose command would have to be cut', () => {
    const command = `ack ${'1 '.repeat(1000)}`
    const card = renderTeams(message({ headline: 'x', actions: [{ kind: 'button', label: 'All', command }] }))
    expect(card.actions).toBeUndefined()
  })
})

describe('hostile text (abuse case 9)', () => {
  const table: [hostile: string, shown: string][] = [
    ['**bold** _it_ ~no~ `code`', String.raw`\*\*bold\*\* \_it\_ \~no\~ \`code\``],
    ['[click](https://evil.example)', String.raw`\[click\](https://evil.example)`],
    ['<at>everyone</at> &lt;', String.raw`\<at\>everyone\</at\> \&lt;`],
    ['{{DATE(2026-11-21T00:00:00Z)}}', String.raw`\{\{DATE(2026-11-21T00:00:00Z)\}\}`],
    ['- a list', String.raw`\- a list`],
    ['1. a list', String.raw`1\. a list`],
    ['# a title', String.raw`\# a title`],
    ['two\r\n\r\nparagraphs\u0000\u0007', 'two paragraphs '],
    ['safe \u202Eexe.gpj\u202C', 'safe exe.gpj'],
    ['half \uD83D of it', 'half \uFFFD of it'],
  ]
  it.each(table)('%j is shown as it was written', (hostile, shown) => {
    expect(teamsText(hostile, 1000)).toBe(shown)
  })

  it('never gives a link to anything but the web', () => {
    expect(teamsLine([{ link: 'x', href: 'javascript:alert(1)' }], 10)).toBe('x')
    expect(teamsLine([{ link: 'x](y', href: 'https://a.example/)](b' }], 10)).toBe(
      String.raw`[x\](y](https://a.example/%29]%28b)`,
    )
    const link = { kind: 'link', label: 'Open', href: 'msteams:/l/call' } as const
    expect(renderTeams(message({ headline: 'x', actions: [link] })).actions).toBeUndefined()
  })

  it('cannot smuggle a date into places without markdown', () => {
    expect(plainWords('{{TIME(2026-11-21T00:00:00Z)}}', 100)).toBe('{ {TIME(2026-11-21T00:00:00Z)}}')
    expect(plainWords('{{rule.name}}', 100)).toBe('{{rule.name}}')
  })

  it('is cut between characters, before it is escaped', () => {
    expect(teamsText('*'.repeat(10), 4)).toBe(String.raw`\*\*\*…`)
    expect(teamsText('🔥'.repeat(10), 3)).toBe('🔥🔥…')
  })

  it('reads back as what it was, whatever it was', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const escaped = teamsText(text, 10_000)
        expect(escaped.replace(/\\([!-/:-@[-`{-~])/gu, '')).not.toMatch(/[`*_{}[\]<>#|~&\\]/u)
        expect(escaped.replace(/\\([!-/:-@[-`{-~])/gu, '$1')).toBe(
          text
            .toWellFormed()
            .replace(/[\u202A-\u202E\u2066-\u2069]/gu, '')
            .replace(/[\p{Cc}\s]+/gu, ' ')
            .trimStart(),
        )
      }),
    )
  })

  it('never makes a card that Teams would refuse', () => {
    fc.assert(
      fc.property(hostileMessage, (hostile) => {
        expect(teamsCardProblems(renderTeams(hostile))).toEqual([])
        expect(Array.from(teamsSummary(hostile)).length).toBeLessThanOrEqual(200)
      }),
      { numRuns: 60 },
    )
  })
})

const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({
    unit: fc.constantFrom(
      '*',
      '_',
      '[',
      ']',
      '(',
      ')',
      '<',
      '>',
      '{',
      '}',
      '\\',
      '`',
      ' ',
      '\n',
      '1',
      '.',
      '-',
      'a',
    ),
    maxLength: 60,
  }),
  fc.constantFrom(
    '@everyone',
    '<at>General</at>',
    '<!channel>',
    '\uD800',
    '\uDC00\uD800',
    '\u0000',
    '\u202Eabc',
    'مرحبا بالعالم',
  ),
  fc.constantFrom(
    'x'.repeat(10_000),
    '🔥'.repeat(5000),
    '"\\'.repeat(5000),
    '{{DATE(2026-01-01T00:00:00Z)}}',
  ),
)

const span: fc.Arbitrary<Span> = fc.oneof(
  hostileText,
  hostileText.map((strong) => ({ strong })),
  hostileText.map((code) => ({ code })),
  fc.record({ link: hostileText, href: fc.oneof(hostileText, fc.webUrl()) }),
  fc.record({
    time: fc.constantFrom('2026-11-21T03:04:05Z', 'not a time'),
    style: fc.constantFrom('clock', 'date', 'relative'),
  }),
)
const line = fc.array(span, { minLength: 1, maxLength: 4 })
const tone = fc.constantFrom<Tone>('critical', 'warning', 'info', 'acknowledged', 'resolved', 'neutral')
const label = hostileText.map((text) => `x${text}`)
const button = fc.record({ kind: fc.constant('button' as const), label, command: hostileText })
const menu = fc.record({
  kind: fc.constant('menu' as const),
  label,
  options: fc.array(fc.record({ label, command: hostileText }), { maxLength: 30 }),
})
const link = fc.record({
  kind: fc.constant('link' as const),
  label,
  href: fc.oneof(hostileText, fc.webUrl()),
})

const hostileMessage: fc.Arbitrary<Message> = fc.record({
  tone,
  headline: hostileText,
  lines: fc.array(line, { maxLength: 10 }),
  facts: fc.array(fc.record({ label: hostileText, value: line }), { maxLength: 30 }),
  items: fc.array(fc.record({ tone, line, detail: line, action: button }), { maxLength: 40 }),
  notes: fc.array(line, { maxLength: 20 }),
  actions: fc.array(fc.oneof(button, menu, link), { maxLength: 10 }),
})
