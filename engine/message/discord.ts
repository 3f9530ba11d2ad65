import { longestCustomId, writeCustomId } from './discord-custom-id.ts'
import { discordLabel, discordLine, discordLines, safeHref } from './discord-text.ts'
import type { Fact, Item, Line, Link, Button, Menu, Message, Tone } from './message.ts'
import { plainLine } from './plain.ts'
import { sparkline } from './sparkline.ts'

/** The body of "Create Message" and "Edit Message"; every part is always present, so that an edit clears what is gone. */
export interface DiscordMessage {
  content: string
  embeds: DiscordEmbed[]
  components: DiscordRow[]
  allowed_mentions: { parse: [] }
}

interface DiscordEmbed {
  color: number
  description?: string
  fields: { name: string; value: string; inline: boolean }[]
}

interface DiscordRow {
  type: 1
  components: (DiscordButton | DiscordSelect)[]
}

type DiscordButton =
  | { type: 2; style: 1 | 2 | 3 | 4; label: string; custom_id: string }
  | { type: 2; style: 5; label: string; url: string }

export interface DiscordSelect {
  type: 3
  custom_id: string
  placeholder?: string
  required?: boolean
  options: { label: string; value: string; description?: string; default?: boolean }[]
}

const tones: Record<Tone, { color: number; mark: string }> = {
  critical: { color: 0xd92d20, mark: '🔴' },
  warning: { color: 0xf79009, mark: '🟠' },
  info: { color: 0x2e90fa, mark: '🔵' },
  acknowledged: { color: 0xeaaa08, mark: '👀' },
  resolved: { color: 0x12b76a, mark: '✅' },
  neutral: { color: 0x667085, mark: '' },
}

/** Shares of the 6000 characters that all parts of an embed may have together. */
const room = { content: 400, lines: 1400, items: 2000, picture: 200, facts: 1500, factValue: 400, notes: 800 }

/**
 * The classic shape, text and one embed, rather than Components V2: a V2 message has no `content`, and its push
 * notification arrives empty (discord-api-docs issue 7854). A person woken at night reads that line first.
 */
export function renderDiscord(message: Message): DiscordMessage {
  const mark = tones[message.tone].mark
  const headline = discordLine([{ strong: message.headline }], room.content) || '**(no words)**'
  return {
    content: mark ? `${mark} ${headline}` : headline,
    embeds: renderEmbeds(message),
    components: renderRows(message),
    allowed_mentions: { parse: [] },
  }
}

/** One line as a message of its own: a reply under a living message, or a whisper to one person. */
export function renderDiscordLine(line: Line): DiscordMessage {
  const content = discordLine(line, 1900) || '(no words)'
  return { content, embeds: [], components: [], allowed_mentions: { parse: [] } }
}

function renderEmbeds(message: Message): DiscordEmbed[] {
  const description = [
    discordLines(message.lines, room.lines).text,
    renderItems(message.items),
    message.picture ? discordLine([sparkline(message.picture)], room.picture) : '',
  ]
    .filter(Boolean)
    .join('\n')
  const fields = [...renderFacts(message.facts), ...renderNotes(message.notes)]
  if (!description && fields.length === 0) return []
  return [{ color: tones[message.tone].color, ...(description && { description }), fields }]
}

function renderItems(items: readonly Item[]): string {
  const lines = items.map((item): Line => [...marked(item), ...(item.detail ? [' · ', ...item.detail] : [])])
  const { text, left } = discordLines(lines, room.items)
  return left > 0 ? `${text}\n… and ${left} more` : text
}

function marked({ tone, line }: Item): Line {
  return tones[tone].mark ? [`${tones[tone].mark} `, ...line] : line
}

function renderFacts(facts: readonly Fact[]): DiscordEmbed['fields'] {
  const fields = facts.slice(0, 24).map(({ label, value }) => ({
    name: discordLine([label], 100) || '\u200b',
    value: discordLine(value, room.factValue) || '–',
    inline: true,
  }))
  let left = room.facts
  return fields.filter(({ name, value }) => (left -= name.length + value.length) >= 0)
}

/** Under everything else stands only the footer, and a footer cannot show times; a field without a name can. */
function renderNotes(notes: readonly Line[]): DiscordEmbed['fields'] {
  const { text } = discordLines(notes, room.notes)
  return text ? [{ name: '\u200b', value: text, inline: false }] : []
}

/** Buttons share rows and a menu fills one, so the buttons stand together and the menus under them. */
function renderRows(message: Message): DiscordRow[] {
  const buttons: DiscordButton[] = []
  const menus: DiscordSelect[] = []
  for (const [at, action] of [...message.actions, ...itemMenu(message.items)].entries()) {
    const component = action.kind === 'menu' ? renderMenu(action, at) : renderButton(action, at)
    if (component?.type === 2) buttons.push(component)
    if (component?.type === 3) menus.push(component)
  }
  const full = Math.ceil(buttons.length / 5)
  const rows = Array.from({ length: full }, (_, at) => buttons.slice(at * 5, at * 5 + 5))
  return [...rows, ...menus.map((menu) => [menu])].slice(0, 5).map((components) => ({ type: 1, components }))
}

/** An embed has no buttons beside its lines, so the buttons of all items become one menu that names its lines. */
function itemMenu(items: readonly Item[]): Menu[] {
  const options = items.flatMap(({ line, action }) =>
    action ? [{ label: `${action.label}: ${plainLine(line)}`, command: action.command }] : [],
  )
  return options.length > 0 ? [{ kind: 'menu', label: 'Pick one…', options }] : []
}

function renderButton(action: Button | Link, at: number): DiscordButton | undefined {
  const label = discordLabel(action.label, 80) || '…'
  if (action.kind === 'link') {
    const url = safeHref(action.href)
    return url ? { type: 2, style: 5, label, url } : undefined
  }
  const style = action.style ? ({ primary: 1, danger: 4 } as const)[action.style] : 2
  const custom_id = writeCustomId({ kind: 'say', at, command: action.command })
  return canBeCarried(action.command, custom_id) ? { type: 2, style, label, custom_id } : undefined
}

function renderMenu(menu: Menu, at: number): DiscordSelect | undefined {
  const byCommand = new Map(menu.options.map((option) => [option.command, option.label]))
  const options = [...byCommand]
    .filter(([command]) => canBeCarried(command, command))
    .slice(0, 25)
    .map(([value, label]) => ({ value, label: discordLabel(label, 100) || value }))
  if (options.length === 0) return undefined
  const placeholder = discordLabel(menu.label, 150) || '…'
  return { type: 3, custom_id: writeCustomId({ kind: 'menu', at }), placeholder, options }
}

/** A command that is too long for Discord to carry cannot be a button; it can still be typed. */
function canBeCarried(command: string, carrier: string): boolean {
  return carrier.length <= longestCustomId && command.trim() !== '' && !/[\p{Cc}\p{Cs}]/u.test(command)
}
