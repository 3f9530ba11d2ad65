import { describe, expect, test } from 'vitest'
import { renderDiscordWebhook, renderDiscordWebhookLine } from '#engine/message/discord-webhook.ts'
import { renderEmail } from '#engine/message/email.ts'
import { renderSlackWebhook } from '#engine/message/slack-webhook.ts'
import type { Tellable } from '#engine/message/subject.ts'
import { renderTeamsWorkflow } from '#engine/message/teams-workflow.ts'
import { aTelling } from '#test/harness/connection-things.ts'
import { elements, type FoundElement } from '#test/harness/teams-limits.ts'

const hostile = [
  '@channel <!here> <!channel> <!subteam^S1>',
  '<@U0SOMEONE> <@123456789> <@&123456789>',
  '@everyone @here',
  '<at>Ana</at>',
  '<https://evil.example|docs>',
  '[docs](https://evil.example)',
  '=HYPERLINK("https://evil.example","docs")|<b>x</b>',
]

function telling(text: string): Tellable {
  return {
    ...aTelling({ title: text, summary: text, entity: text }),
    headline: text,
    lines: [[text, { strong: text }]],
    facts: [{ label: text, value: [text] }],
    notes: [[text]],
  }
}

function factsOf(block: FoundElement): unknown[] {
  const facts = (block['facts'] ?? []) as { title: string; value: string }[]
  return facts.flatMap(({ title, value }) => [title, value])
}

describe('what an alert says calls nobody and hides no link (abuse cases 9 and 23)', () => {
  test.each(hostile)('by a webhook of Slack: %s', (text) => {
    const message = renderSlackWebhook(telling(text), [text])
    const marked = elements(message.blocks).filter(({ type }) => type === 'mrkdwn')
    expect(marked.length).toBeGreaterThan(2)
    for (const { text: words, verbatim } of [...marked, { text: message.text, verbatim: true }]) {
      expect(words).not.toMatch(/[<>]/)
      expect(verbatim).toBe(true)
    }
  })

  test.each(hostile)('by a workflow of Teams: %s', (text) => {
    const message = renderTeamsWorkflow(telling(text), [text])
    const blocks = elements(message.attachments[0].content.body)
    const marked = blocks
      .flatMap((block) => [block['text'], ...factsOf(block)])
      .filter((words) => words !== undefined)
    expect(marked.length).toBeGreaterThan(2)
    for (const words of marked) expect(words).not.toMatch(/(^|[^\\])(<at>|\[docs)/)
    expect(message.attachments[0].content.msteams).toEqual({ width: 'Full' })
  })

  test.each(hostile)('by a webhook of Discord: %s', (text) => {
    for (const body of [
      renderDiscordWebhook(telling(text)),
      renderDiscordWebhookLine(telling(text), [text]),
    ]) {
      expect(body.allowed_mentions).toEqual({ parse: [] })
      expect(JSON.stringify(body)).not.toContain('[docs](https://evil')
    }
  })

  test.each(hostile)('by mail: %s', (text) => {
    const { html } = renderEmail(telling(text), [text])
    const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)
    expect(links).toEqual(['https://alerts.example.com/#show=7'])
    expect(html).not.toMatch(/<(at>|b>|!here|@)/)
  })
})
