import { array, assert as check, constantFrom, property, record, type Arbitrary } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { message, type Line, type Message, type Tone } from '#engine/message/message.ts'
import { renderSlack, renderSlackHome, renderSlackLine, renderSlackText } from '#engine/message/slack.ts'
import { hostileText, hostileTexts } from '#test/harness/slack-hostile-text.ts'
import { slackComplaints } from '#test/harness/slack-limits.ts'

const firing: Message = message({
  tone: 'critical',
  headline: '#42 orders: 7.2 % of exchanges failed',
  lines: [['Since ', { time: '2026-11-21T03:04:00Z', style: 'clock' }, ' on ', { code: 'order-service' }]],
  facts: [
    { label: 'Value', value: [{ strong: '7.2 %' }, ' against 5 %'] },
    { label: 'Runbook', value: [{ link: 'Orders', href: 'https://wiki.example/orders?a=1&b=2' }] },
  ],
  picture: {
    from: '2026-11-21T03:00:00Z',
    stepSeconds: 60,
    values: [0, 0.01, 0.072],
    threshold: 0.05,
    unit: 'ratio',
    breachesAbove: true,
    marks: [],
  },
  notes: [['Acknowledged by alice ', { time: '2026-11-21T03:06:00Z', style: 'relative' }]],
  actions: [
    { kind: 'button', label: 'Acknowledge', command: 'ack 42', style: 'primary' },
    { kind: 'menu', label: 'Silence', options: [{ label: '30 min', command: 'silence 42 30m' }] },
    { kind: 'link', label: 'Dashboard', href: 'https://grafana.example/d/1' },
  ],
})

describe('an alert in Slack', () => {
  test('is a headline, a line, facts, a picture, buttons and small print, in Slack blocks of the oldest kind', () => {
    expect(renderSlack(firing)).toEqual({
      text: '🔴 #42 orders: 7.2 % of exchanges failed',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: '🔴 #42 orders: 7.2 % of exchanges failed' } },
        section('Since <!date^1795230240^{time}|2026-11-21 03:04 UTC> on `order-service`'),
        {
          type: 'section',
          fields: [
            mrkdwn('*Value*\n*7.2 %* against 5 %'),
            mrkdwn('*Runbook*\n<https://wiki.example/orders?a=1&amp;b=2|Orders>'),
          ],
        },
        section('▁▂█ now 7.2 %, lowest 0 %, highest 7.2 %, threshold 5 %'),
        {
          type: 'context',
          elements: [mrkdwn('Acknowledged by alice <!date^1795230360^{ago}|2026-11-21 03:06 UTC>')],
        },
        {
          type: 'actions',
          elements: [
            {
              type: 'button',
              action_id: 'action-0',
              text: plain('Acknowledge'),
              value: 'ack 42',
              style: 'primary',
            },
            {
              type: 'static_select',
              action_id: 'action-1',
              placeholder: plain('Silence'),
              options: [{ text: plain('30 min'), value: 'silence 42 30m' }],
            },
            {
              type: 'button',
              action_id: 'action-2',
              text: plain('Dashboard'),
              url: 'https://grafana.example/d/1',
            },
          ],
        },
      ],
    })
  })

  test.each<[Tone, string]>([
    ['critical', '🔴 '],
    ['warning', '🟠 '],
    ['info', '🔵 '],
    ['acknowledged', '👀 '],
    ['resolved', '✅ '],
    ['neutral', ''],
  ])('tells the tone %s by its mark', (tone, mark) => {
    expect(renderSlack(message({ tone, headline: 'Disk' })).text).toBe(`${mark}Disk`)
  })

  test('puts the button of a list row beside the row', () => {
    const row = {
      tone: 'warning' as const,
      line: ['#7 disk full'],
      detail: ['for 3 min'],
      action: { kind: 'button' as const, label: 'Acknowledge', command: 'ack 7' },
    }
    expect(renderSlack(message({ headline: 'Open', items: [row] })).blocks[1]).toEqual({
      ...section('🟠 #7 disk full\nfor 3 min'),
      accessory: { type: 'button', action_id: 'item-0', text: plain('Acknowledge'), value: 'ack 7' },
    })
  })

  test('says how many rows did not fit instead of losing them silently', () => {
    const items = Array.from({ length: 120 }, (_, at) => ({ tone: 'info' as const, line: [`#${at}`] }))
    const { blocks } = renderSlack(message({ headline: 'Open', items, notes: [['as of now']] }))
    expect(blocks).toHaveLength(50)
    expect(JSON.stringify(blocks)).toContain('… and 73 more')
    expect(renderSlackHome(message({ headline: 'Open', items })).blocks).toHaveLength(100)
  })

  test('leaves out a button whose command does not fit rather than cutting the command', () => {
    const command = `ack ${'1234567 '.repeat(300)}`
    const actions = [
      { kind: 'button' as const, label: 'All', command },
      { kind: 'menu' as const, label: 'Silence', options: [{ label: 'All', command }] },
    ]
    expect(renderSlack(message({ headline: 'Open', actions })).blocks).toHaveLength(1)
  })
})

describe('text in Slack stays text', () => {
  test.each<[string, Line, string]>([
    ['a channel-wide mention', ['<!channel>'], '&lt;!channel&gt;'],
    ['a disguised link', ['<https://evil.example|bank>'], '&lt;https://evil.example|bank&gt;'],
    ['entities written out', ['&lt;b&gt;'], '&amp;lt;b&amp;gt;'],
    ['emphasis', ['*loud* _soft_ ~gone~'], '∗loud∗ ˍsoftˍ ∼gone∼'],
    ['emphasis that starts in one span and ends in another', ['*a', 'b*'], '∗ab∗'],
    ['a name with underscores, which can still be copied', ['order_service_v2'], 'order_service_v2'],
    ['a quotation', ['> quoted'], '\u00AD&gt; quoted'],
    ['code in code', [{ code: 'a`b`c' }], '`aˋbˋc`'],
    ['emphasis in emphasis', [{ strong: '*a*\nb' }], '*∗a∗ b*'],
    ['a link that would run code', [{ link: 'click', href: 'javascript:alert(1)' }], 'click'],
    [
      'a link that ends its own markup',
      [{ link: 'a', href: 'https://x.example/|b>' }],
      '<https://x.example/%7Cb%3E|a>',
    ],
    [
      'a link label with markup',
      [{ link: '<!here>', href: 'https://x.example' }],
      '<https://x.example/|&lt;!here&gt;>',
    ],
    ['an instant that is none', [{ time: '<!channel>', style: 'date' }], '&lt;!channel&gt;'],
    ['text that runs backwards', ['\u202Egpj.exe'], 'gpj.exe'],
    ['halves of pairs and control characters', ['a\uD800\u0000b'], 'a\uFFFDb'],
  ])('%s', (_, line, expected) => {
    expect(renderSlackLine(line).text).toBe(expected)
  })

  test('a text cut to the limit is never cut inside an entity, a code span or an emoji', () => {
    for (const [text, ending] of [
      ['&'.repeat(3000), /^(?:&amp;)+…$/u],
      ['🔥'.repeat(4000), /^🔥{2999}…$/u],
    ] as const) {
      expect(renderSlackText(text)).toMatch(ending)
    }
    const [block] = renderSlackLine([{ code: 'x'.repeat(5000) }]).blocks
    expect(block).toEqual(section(`\`${'x'.repeat(2997)}\`…`))
  })
})

describe('whatever is said, Slack takes it, and nobody is called (abuse case 9)', () => {
  test.each(hostileTexts)('hostile text %#', (text) => {
    expect(slackComplaints('message', renderSlack(everywhere(text)))).toEqual([])
    expect(slackComplaints('home', renderSlackHome(everywhere(text)))).toEqual([])
    expect(slackComplaints('message', renderSlackLine([text, { strong: text }, { code: text }]))).toEqual([])
  })

  test('any message made of hostile parts', () => {
    check(
      property(anyMessage, (said) => {
        expect(slackComplaints('message', renderSlack(said))).toEqual([])
        expect(slackComplaints('home', renderSlackHome(said))).toEqual([])
      }),
    )
  })
})

function everywhere(text: string): Message {
  const line: Line = [
    text,
    { strong: text },
    { code: text },
    { link: text, href: text },
    { time: text, style: 'date' },
  ]
  return message({
    tone: 'critical',
    headline: text,
    lines: [line, line],
    facts: Array.from({ length: 40 }, () => ({ label: text, value: line })),
    items: Array.from({ length: 60 }, () => ({
      tone: 'warning' as const,
      line,
      detail: line,
      action: { kind: 'button' as const, label: text, command: 'ack 1' },
    })),
    notes: Array.from({ length: 20 }, () => line),
    actions: [
      { kind: 'button', label: text, command: 'ack 1' },
      { kind: 'menu', label: text, options: [{ label: text, command: 'silence 1 30m' }] },
      { kind: 'link', label: text, href: `https://x.example/${text}` },
    ],
  })
}

const anyLine: Arbitrary<Line> = array(
  hostileText.chain((text) =>
    constantFrom<Line[number]>(
      text,
      { strong: text },
      { code: text },
      { link: text, href: `https://x.example/${text}` },
    ),
  ),
  { maxLength: 5 },
)

const anyMessage: Arbitrary<Message> = record({
  tone: constantFrom<Tone>('critical', 'neutral'),
  headline: hostileText,
  lines: array(anyLine, { maxLength: 4 }),
  facts: array(record({ label: hostileText, value: anyLine }), { maxLength: 40 }),
  items: array(record({ tone: constantFrom<Tone>('info'), line: anyLine }), { maxLength: 60 }),
  notes: array(anyLine, { maxLength: 12 }),
  actions: array(record({ kind: constantFrom('link'), label: hostileText, href: hostileText }), {
    maxLength: 30,
  }),
})

function mrkdwn(text: string) {
  return { type: 'mrkdwn', text, verbatim: true }
}

function section(text: string) {
  return { type: 'section', text: mrkdwn(text) }
}

function plain(text: string) {
  return { type: 'plain_text', text }
}
