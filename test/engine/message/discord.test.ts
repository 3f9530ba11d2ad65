import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DiscordMessage, renderDiscord, renderDiscordLine } from '#engine/message/discord.ts'
import { discordLine } from '#engine/message/discord-text.ts'
import { readCustomId } from '#engine/message/discord-custom-id.ts'
import {
  type Action,
  type Line,
  type Message,
  message,
  type Span,
  type Tone,
} from '#engine/message/message.ts'
import { complaintsAboutMessage } from '#test/harness/discord-limits.ts'

const alert = message({
  tone: 'critical',
  headline: '#42 FIRING: orders are slow',
  lines: [['p95 is ', { strong: '812 ms' }, ' since ', { time: '2026-11-21T03:04:05Z', style: 'relative' }]],
  facts: [{ label: 'Route', value: [{ code: 'POST /orders' }] }],
  picture: {
    from: '2026-11-21T03:00:00Z',
    stepSeconds: 60,
    values: [100, 200, null, 812],
    threshold: 500,
    unit: 'ms',
    breachesAbove: true,
    marks: [],
  },
  notes: [['Ana acknowledged it']],
  actions: [
    { kind: 'button', label: 'Acknowledge', command: 'ack 42', style: 'primary' },
    { kind: 'menu', label: 'Silence', options: [{ label: '30 minutes', command: 'silence 42 30m' }] },
    { kind: 'button', label: 'Resolve', command: 'resolve 42', style: 'danger' },
    { kind: 'link', label: 'Open', href: 'https://example.com/incidents/42' },
  ],
})

const hostileTexts = {
  mentions: '@everyone @here <@123> <@&456> <#789> </ban:1> <:x:1>',
  markdown:
    '**bold** __under__ ~~gone~~ ||spoiler|| `code` ```block``` [click](https://evil.example) > quote # head',
  links: 'https://evil.example/?a=1 http://evil.example',
  'ten thousand letters': 'x'.repeat(10_000),
  'ten thousand characters to escape': '*'.repeat(10_000),
  'joined emoji': '👩‍👩‍👧‍👦'.repeat(2000),
  'right to left': 'مرحبا \u202egnp.exe\u202c שלום',
  'control characters': 'a\0b\u0007c\r\nd\u2028e',
  'lone surrogates': '\ud800 lone \udc00',
  blanks: '   ',
  nothing: '',
}

describe('an alert on Discord', () => {
  test('says its headline in the content, because that is all a push notification shows', () => {
    expect(renderDiscord(alert).content).toBe('🔴 **#42 FIRING: orders are slow**')
  })

  test('shows lines, picture, facts and notes in one coloured embed', () => {
    const [embed, ...more] = renderDiscord(alert).embeds
    expect(more).toEqual([])
    expect(embed?.color).toBe(0xd92d20)
    expect(embed?.description).toMatch(/^p95 is \*\*812 ms\*\* since <t:1795230245:R>\n[▁-█·]+ now 812 ms/)
    expect(embed?.fields).toEqual([
      { name: 'Route', value: '`POST /orders`', inline: true },
      { name: '\u200b', value: 'Ana acknowledged it', inline: false },
    ])
  })

  test('has its buttons in one row and its menu in a row of its own', () => {
    const rows = renderDiscord(alert).components
    expect(
      rows.map((row) => row.components.map((one) => ('label' in one ? one.label : one.placeholder))),
    ).toEqual([['Acknowledge', 'Resolve', 'Open'], ['Silence']])
    expect(rows[1]?.components[0]).toMatchObject({
      options: [{ label: '30 minutes', value: 'silence 42 30m' }],
    })
  })

  test('gives every button the command line it stands for', () => {
    const buttons = renderDiscord(alert).components.flatMap((row) => row.components)
    const said = buttons.flatMap((one) => ('custom_id' in one ? [readCustomId(one.custom_id)] : []))
    expect(said).toEqual([
      { kind: 'say', at: 0, command: 'ack 42' },
      { kind: 'say', at: 2, command: 'resolve 42' },
      { kind: 'menu', at: 1 },
    ])
  })

  test('clears what an earlier version of the message had', () => {
    const settled = renderDiscord(message({ tone: 'resolved', headline: 'All is well' }))
    expect(settled).toEqual({
      content: '✅ **All is well**',
      embeds: [],
      components: [],
      allowed_mentions: { parse: [] },
    })
  })
})

describe('a list on Discord', () => {
  const items = Array.from({ length: 40 }, (_, at) => ({
    tone: 'critical' as const,
    line: [`#${at} `, { strong: 'x'.repeat(60) }],
    action: { kind: 'button' as const, label: 'Acknowledge', command: `ack ${at}` },
  }))

  test('gathers the buttons of its items in one menu that names them', () => {
    const rows = renderDiscord(message({ headline: 'Open', items: items.slice(0, 2) })).components
    expect(rows).toHaveLength(1)
    expect(rows[0]?.components[0]).toMatchObject({
      options: [
        { label: `Acknowledge: #0 ${'x'.repeat(60)}`, value: 'ack 0' },
        { label: `Acknowledge: #1 ${'x'.repeat(60)}`, value: 'ack 1' },
      ],
    })
  })

  test('says how many did not fit', () => {
    const description = renderDiscord(message({ headline: 'Open', items })).embeds[0]?.description ?? ''
    const shown = description.split('\n').filter((line) => line.startsWith('🔴')).length
    expect(shown).toBeGreaterThan(20)
    expect(description).toContain(`… and ${40 - shown} more`)
  })
})

describe('hostile text on Discord (abuse case 9)', () => {
  test.each(Object.entries(hostileTexts))('%s stay within every limit, wherever they stand', (_, text) => {
    for (const hostile of everywhere(text)) expect(complaintsAboutMessage(renderDiscord(hostile))).toEqual([])
    expect(complaintsAboutMessage(renderDiscordLine([text]))).toEqual([])
  })

  test.each([
    ['@everyone', '＠everyone'],
    ['<@123>', '\\<@123\\>'],
    ['**x** _y_ ~z~ |w| `v`', '\\*\\*x\\*\\* \\_y\\_ \\~z\\~ \\|w\\| \\`v\\`'],
    ['[click](https://evil.example)', '\\[click\\](https:\u200b//evil.example)'],
    ['# head', '\\# head'],
    ['- point', '\\- point'],
    ['-# small', '\\-# small'],
    ['1. first', '1\\. first'],
    ['> quote', '\\> quote'],
    ['a\r\n# b', 'a # b'],
    ['abc\u202edef', 'abcdef'],
    ['\ud800', '\ufffd'],
  ])('%j is written as %j', (text, written) => {
    expect(discordLine([text], 100)).toBe(written)
  })

  test('code cannot end its own backticks', () => {
    expect(discordLine([{ code: 'a`b @here' }], 100)).toBe('`aˋb ＠here`')
  })

  test.each([
    'javascript:alert(1)',
    'https://user:secret@example.com',
    'no address',
    `https://a.example/${'x'.repeat(600)}`,
  ])('an address that is not fit to be a link is only words: %s', (href) => {
    expect(discordLine([{ link: 'here', href }], 1000)).toBe('here')
    expect(
      renderDiscord(message({ headline: 'x', actions: [{ kind: 'link', label: 'Open', href }] })).components,
    ).toEqual([])
  })

  test('a link keeps its brackets closed', () => {
    expect(discordLine([{ link: 'a]b', href: 'https://example.com/(x)' }], 100)).toBe(
      '[a\\]b](https://example.com/%28x%29)',
    )
  })

  test('a line is cut before an entity, never inside one', () => {
    const line: Line = ['since ', { time: '2026-11-21T03:04:05Z', style: 'clock' }]
    expect(discordLine(line, 18)).toBe('since')
    expect(discordLine(line, 30)).toBe('since <t:1795230245:t>')
    expect(discordLine([{ strong: 'x'.repeat(50) }], 21)).toBe(`**${'x'.repeat(15)}…**`)
    expect(discordLine(['****'], 7)).toBe('\\*\\*…')
  })

  test('any message keeps every limit and pings nobody', () => {
    fc.assert(
      fc.property(anyMessage(), (any) => {
        const rendered = renderDiscord(any)
        expect(complaintsAboutMessage(rendered)).toEqual([])
        expect(rendered.allowed_mentions).toEqual({ parse: [] })
        for (const text of textsOf(rendered)) expect(bareMarkup(text)).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

function textsOf({ content, embeds }: DiscordMessage): string[] {
  const parts = embeds.flatMap(({ description = '', fields }) => [
    description,
    ...fields.flatMap((field) => [field.name, field.value]),
  ])
  return [content, ...parts]
}

/** What Discord would act on: mentions, emoji and links that are not ours. Escapes and code are inert. */
function bareMarkup(text: string): string[] {
  const live = text.replace(/\\[^0-9A-Za-z\s]|`[^`]*`/g, '·').replace(/\[[^\]]*\]\(https?:[^)]*\)/g, '')
  return live.match(/<(?!t:\d+:[tfR]>).?|@everyone|@here|https?:\/\/|[[\]|~_]/gi) ?? []
}

function everywhere(text: string): Message[] {
  const spans: Span[] = [
    text,
    { strong: text },
    { code: text },
    { link: text, href: text },
    { time: text, style: 'date' },
  ]
  const lines = [...spans.map((span) => [span]), spans]
  const facts = Array.from({ length: 30 }, () => ({ label: text, value: spans }))
  const items = Array.from({ length: 30 }, () => ({
    tone: 'info' as const,
    line: spans,
    detail: spans,
    action: { kind: 'button' as const, label: text, command: text },
  }))
  const actions: Action[] = Array.from({ length: 8 }, () => [
    { kind: 'button' as const, label: text, command: text },
    { kind: 'link' as const, label: text, href: text },
    {
      kind: 'menu' as const,
      label: text,
      options: Array.from({ length: 30 }, () => ({ label: text, command: text })),
    },
  ]).flat()
  return [
    message({ headline: text, lines, facts, items, notes: lines, actions }),
    message({ headline: text, lines }),
  ]
}

function anyMessage(): fc.Arbitrary<Message> {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(
      hostileTexts.mentions,
      hostileTexts.markdown,
      hostileTexts.links,
      hostileTexts['right to left'],
    ),
    fc
      .array(fc.constantFrom('@', 'everyone', '<', '>', '\\', '*', '`', '\ud83d', 'x'), { maxLength: 40 })
      .map((all) => all.join('')),
  )
  const span: fc.Arbitrary<Span> = fc.oneof(
    text,
    text.map((strong) => ({ strong })),
    text.map((code) => ({ code })),
    fc.record({ link: text, href: fc.webUrl() }),
  )
  const line = fc.array(span, { maxLength: 5 })
  const tone = fc.constantFrom<Tone>('critical', 'warning', 'info', 'acknowledged', 'resolved', 'neutral')
  const button = fc.record({ kind: fc.constant('button' as const), label: text, command: text })
  const menu = fc.record({
    kind: fc.constant('menu' as const),
    label: text,
    options: fc.array(fc.record({ label: text, command: text }), { maxLength: 30 }),
  })
  return fc.record({
    tone,
    headline: text,
    lines: fc.array(line, { maxLength: 8 }),
    facts: fc.array(fc.record({ label: text, value: line }), { maxLength: 30 }),
    items: fc.array(fc.record({ tone, line, detail: line, action: button }), { maxLength: 30 }),
    notes: fc.array(line, { maxLength: 8 }),
    actions: fc.array(fc.oneof(button, menu), { maxLength: 12 }),
  })
}
