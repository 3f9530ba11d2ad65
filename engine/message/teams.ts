import { adaptiveCard, textBlock } from './adaptive-card.ts'
import type { AdaptiveCard, CardElement } from './adaptive-card.ts'
import type { Fact, Item, Message, Picture, Tone } from './message.ts'
import { sparkline } from './sparkline.ts'
import { drawButton, teamsActions } from './teams-actions.ts'
import { plainWords, teamsLine, teamsText } from './teams-text.ts'

/**
 * Our own cap, in UTF-8 bytes. Teams' documents name 28 KB in one place and 100 KB (as UTF-16) in another; this is
 * safe under both.
 */
const maxCardBytes = 24 * 1024

export function renderTeams(message: Message): AdaptiveCard {
  let shown = message
  let card = draw(shown, 0)
  while (bytesOf(card) > maxCardBytes) {
    const smaller = shorten(shown)
    if (!smaller) break
    shown = smaller
    card = draw(shown, message.items.length - shown.items.length)
  }
  return card
}

/** The text of the toast; never beside the card as text, because Teams would split the two and lose the id. */
export function teamsSummary(message: Message): string {
  return plainWords(message.headline, 200)
}

function bytesOf(card: AdaptiveCard): number {
  return new TextEncoder().encode(JSON.stringify(card)).length
}

/** Gives up what hurts least: a few of the last items, then lines, facts and notes, and buttons only at the very end. */
function shorten(message: Message): Message | undefined {
  for (const part of ['items', 'lines', 'facts', 'notes', 'actions'] as const) {
    const count = message[part].length
    if (count > 0) return { ...message, [part]: message[part].slice(0, Math.floor(count * 0.9)) }
  }
  return undefined
}

function draw(message: Message, itemsLeftOut: number): AdaptiveCard {
  const headline = teamsSummary(message) || 'Alert'
  const actions = teamsActions(message.actions)
  return adaptiveCard({
    fallbackText: headline,
    body: [
      drawHeadline(headline, message.tone),
      ...message.lines.map((line) => textBlock(teamsLine(line, 2000))),
      ...drawFacts(message.facts),
      ...(message.picture ? [drawPicture(message.picture)] : []),
      ...message.items.map(drawItem),
      ...(itemsLeftOut > 0 ? [small(`and ${itemsLeftOut} more`)] : []),
      ...message.notes.map((note) => small(teamsLine(note, 300))),
    ],
    ...(actions.length > 0 ? { actions } : {}),
  })
}

const styles: Record<Tone, string> = {
  critical: 'attention',
  warning: 'warning',
  info: 'accent',
  acknowledged: 'accent',
  resolved: 'good',
  neutral: 'default',
}

function drawHeadline(headline: string, tone: Tone): CardElement {
  const title = textBlock(teamsText(headline, 200), { size: 'Medium', weight: 'Bolder', style: 'heading' })
  return { type: 'Container', style: styles[tone], bleed: true, items: [title] }
}

function drawFacts(facts: readonly Fact[]): CardElement[] {
  if (facts.length === 0) return []
  const drawn = facts.map(({ label, value }) => ({
    title: teamsText(label, 100),
    value: teamsLine(value, 500),
  }))
  return [{ type: 'FactSet', facts: drawn }]
}

function drawPicture(picture: Picture): CardElement {
  return textBlock(teamsText(sparkline(picture), 300), { fontType: 'Monospace', spacing: 'Small' })
}

function drawItem(item: Item): CardElement {
  const words = [
    textBlock(teamsLine(item.line, 300)),
    ...(item.detail ? [small(teamsLine(item.detail, 300))] : []),
  ]
  const button = item.action ? drawButton(item.action) : []
  return {
    type: 'ColumnSet',
    columns: [
      { type: 'Column', width: 'auto', items: [textBlock('●', { color: styles[item.tone] })] },
      { type: 'Column', width: 'stretch', items: words },
      ...(button.length > 0
        ? [{ type: 'Column', width: 'auto', items: [{ type: 'ActionSet', actions: button }] }]
        : []),
    ],
  }
}

function small(text: string): CardElement {
  return textBlock(text, { size: 'Small', isSubtle: true, spacing: 'Small' })
}
