import { assert, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { IncidentStory } from '#engine/incident/incident.ts'
import { markdownText } from '#engine/message/markdown-text.ts'
import type { Actor } from '#engine/person.ts'
import { timelineMarkdown } from '#engine/view/timeline-markdown.ts'
import { after, ana, anIncident, start } from '#test/harness/engine-things.ts'
import { hostileText } from '#test/harness/slack-hostile-text.ts'

function aStory(said: string): IncidentStory {
  const somebody: Actor = { kind: 'person', id: 'p2', name: said, surface: 'local' }
  const about = { title: said, summary: said, entity: said, labels: { [said]: said } }
  return {
    incident: anIncident(about, about),
    timeline: [
      { at: start, actor: { kind: 'clock' }, kind: 'fired', details: {} },
      { at: after(60), actor: somebody, kind: 'acknowledged', details: {} },
      {
        at: after(90),
        actor: ana,
        kind: 'silenced',
        details: { until: after(3690).toISOString(), reason: said },
      },
      { at: after(600), actor: { kind: 'clock' }, kind: 'recovered', details: { lasted: '10 min' } },
    ],
    suppression: undefined,
  }
}

const telling = { now: after(700), link: 'https://tocsin.example/#show=42' }

test('what happened to an incident reads from the beginning to the end', () => {
  const said = timelineMarkdown(aStory('Card payments are failing'), telling)
  expect(said).toContain('# Alert 42: Card payments are failing\n')
  expect(said).toContain('- [Open in Tocsin](https://tocsin.example/#show=42)\n')
  expect(said.slice(said.indexOf('## Timeline'))).toBe(
    [
      '## Timeline',
      '',
      String.raw`- 2026-11-21 00:00:00 UTC: It fired.`,
      String.raw`- 2026-11-21 00:01:00 UTC: Acknowledged by **Card payments are failing**.`,
      String.raw`- 2026-11-21 00:01:30 UTC: **Ana** silenced it until 2026-11-21 01:01:30 UTC: Card payments are failing`,
      String.raw`- 2026-11-21 00:10:00 UTC: It cleared by itself after 10 min.`,
      '',
    ].join('\n'),
  )
})

/** What is left for a renderer to make something of, once what is escaped is gone. */
function unescaped(text: string): string {
  return text.replaceAll(/\\[!-/:-@[-`{-~]|&(?:lt|gt|amp);/g, '')
}

/** As somebody reads it, and as a site looks for mentions and bare addresses in it. */
function read(text: string): string {
  return text.replaceAll(/\\(?=[!-/:-@[-`{-~])/g, '')
}

const unseen = '\u200b'

describe('abuse 23: Markdown in what is exported', () => {
  test.each([
    ['[docs](https://evil.example)', String.raw`\[docs\](https\:${unseen}//evil.example)`],
    ['![x](https://evil.example/a.png)', String.raw`\!\[x\](https\:${unseen}//evil.example/a.png)`],
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['@channel and #42', String.raw`\@${unseen}channel and \#${unseen}42`],
    ['a | b $x$ :boom: a: b', String.raw`a \| b \$x\$ \:boom: a: b`],
    ['# head\n---\n> quote', String.raw`\# head --- &gt; quote`],
    ['&lt;b&gt;', '&amp;lt;b&amp;gt;'],
    ['ends in \\', 'ends in \\\\'],
    ['www.evil.example', `www${unseen}.evil.example`],
  ])('%j is text', (text, expected) => {
    expect(markdownText(text)).toBe(expected)
  })

  test('whatever is written is one line without a sign that could be markup, an address or a mention', () => {
    assert(
      property(hostileText, (text) => {
        const said = markdownText(text)
        expect(unescaped(said)).not.toMatch(/[!#$&*+<=>@[\\\]^_`{|}~\n\r]|:(?![\s]|$)/)
        expect(read(said)).not.toMatch(/@\w|:\/\/|\bwww\.|#\w/i)
      }),
      { numRuns: 300 },
    )
  })

  test('it changes nothing of how the export is built', () => {
    const shape = (text: string) =>
      timelineMarkdown(aStory(text), telling)
        .split('\n')
        .map((line) => /^(?:# Alert 42:|## |- |Last said:|$)/.exec(line)?.[0])
    const usual = shape('a')
    assert(
      property(hostileText, (text) => {
        expect(shape(text)).toEqual(usual)
      }),
      { numRuns: 100 },
    )
  })
})
