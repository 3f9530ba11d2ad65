import { sparkline } from './sparkline.ts'
import { mrkdwn, plainText, webAddress, type Mrkdwn, type PlainText } from './slack-text.ts'
import type { Action, Button, Fact, Item, Line, Message, Tone } from './message.ts'

/** The few block types every Slack client of any age can show, https://docs.slack.dev/reference/block-kit/blocks */
export type SlackBlock =
  | { type: 'header'; text: PlainText }
  | { type: 'section'; text: Mrkdwn; accessory?: SlackButton }
  | { type: 'section'; fields: Mrkdwn[] }
  | { type: 'context'; elements: Mrkdwn[] }
  | { type: 'actions'; elements: (SlackButton | SlackSelect)[] }

interface SlackButton {
  type: 'button'
  action_id: string
  text: PlainText
  value?: string
  url?: string
  style?: 'primary' | 'danger'
}

interface SlackSelect {
  type: 'static_select'
  action_id: string
  placeholder: PlainText
  options: SlackOption[]
}

export interface SlackOption {
  text: PlainText
  value: string
  description?: PlainText
}

const blocksPerMessage = 50
const blocksPerHome = 100
const sectionText = 3000
const fieldText = 2000
const fieldsPerSection = 10
const mostFacts = 30
const mostNotes = 30
const elementsPerActions = 25
const longestValue = { button: 2000, option: 150 }

/** Colour bars need attachments, which not every client draws and edits keep by accident; the headline tells the tone. */
const toneMarks: Record<Tone, string> = {
  critical: '🔴 ',
  warning: '🟠 ',
  info: '🔵 ',
  acknowledged: '👀 ',
  resolved: '✅ ',
  neutral: '',
}

/** `text` is what notifications and screen readers say; both parts go into chat.postMessage and chat.update as they are. */
export function renderSlack(message: Message): { text: string; blocks: SlackBlock[] } {
  return { text: headline(message), blocks: renderBlocks(message, blocksPerMessage) }
}

export function renderSlackHome(message: Message): { type: 'home'; blocks: SlackBlock[] } {
  return { type: 'home', blocks: renderBlocks(message, blocksPerHome) }
}

/** One line of a thread. */
export function renderSlackLine(line: Line): { text: string; blocks: SlackBlock[] } {
  const text = mrkdwn([line], sectionText)
  return { text: text.text, blocks: [{ type: 'section', text }] }
}

/** Where Slack shows no blocks: a notification, or a refusal whispered to one person. */
export function renderSlackText(text: string): string {
  return mrkdwn([[text]], sectionText).text
}

function headline(message: Message): string {
  return mrkdwn([[`${toneMarks[message.tone]}${message.headline}`]], sectionText).text
}

function renderBlocks(message: Message, limit: number): SlackBlock[] {
  const above = [
    { type: 'header' as const, text: plainText(`${toneMarks[message.tone]}${message.headline}`, 150) },
    ...sections(message.lines),
    ...factSections(message.facts),
    ...(message.picture ? sections([[sparkline(message.picture)]]) : []),
  ]
  const below = [...noteContexts(message.notes), ...actionRow(message.actions)]
  return [...above, ...itemSections(message.items, limit - above.length - below.length), ...below]
}

function sections(lines: readonly Line[]): SlackBlock[] {
  return lines.length > 0 ? [{ type: 'section', text: mrkdwn(lines, sectionText) }] : []
}

function factSections(facts: readonly Fact[]): SlackBlock[] {
  const fields = facts
    .slice(0, mostFacts)
    .map(({ label, value }) => mrkdwn([[{ strong: label }], value], fieldText))
  return chunk(fields, fieldsPerSection).map((fields) => ({ type: 'section', fields }))
}

function itemSections(items: readonly Item[], room: number): SlackBlock[] {
  if (items.length <= room) return items.map(itemSection)
  const shown = items.slice(0, room - 1)
  return [...shown.map(itemSection), context([[`… and ${items.length - shown.length} more`]])]
}

function itemSection(item: Item, at: number): SlackBlock {
  const lines = [[toneMarks[item.tone], ...item.line], ...(item.detail ? [item.detail] : [])]
  const accessory = item.action && button(item.action, `item-${at}`)
  return { type: 'section', text: mrkdwn(lines, sectionText), ...(accessory && { accessory }) }
}

/** The newest notes stand last, so those are the ones kept; ten lines to an element keep each far from its limit. */
function noteContexts(notes: readonly Line[]): SlackBlock[] {
  return chunk(notes.slice(-mostNotes), 10).map(context)
}

function context(lines: readonly Line[]): SlackBlock {
  return { type: 'context', elements: [mrkdwn(lines, fieldText)] }
}

function actionRow(actions: readonly Action[]): SlackBlock[] {
  const elements = actions.flatMap((action, at) => actionElement(action, `action-${at}`) ?? [])
  return elements.length > 0 ? [{ type: 'actions', elements: elements.slice(0, elementsPerActions) }] : []
}

function actionElement(action: Action, id: string): SlackButton | SlackSelect | undefined {
  if (action.kind === 'button') return button(action, id)
  if (action.kind === 'menu') return select(action, id)
  const url = webAddress(action.href)
  return url === undefined
    ? undefined
    : { type: 'button', action_id: id, text: plainText(action.label, 75), url }
}

/** A command too long for its place is left out: half a command could be a different one. */
function button({ label, command, style }: Button, id: string): SlackButton | undefined {
  if (command.length > longestValue.button) return undefined
  return {
    type: 'button',
    action_id: id,
    text: plainText(label, 75),
    value: command,
    ...(style && { style }),
  }
}

function select({ label, options }: Extract<Action, { kind: 'menu' }>, id: string): SlackSelect | undefined {
  const offered = options
    .filter(({ command }) => command.length <= longestValue.option)
    .slice(0, 100)
    .map(({ label, command }) => ({ text: plainText(label, 75), value: command }))
  if (offered.length === 0) return undefined
  return { type: 'static_select', action_id: id, placeholder: plainText(label, 150), options: offered }
}

function chunk<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
    all.slice(at * size, (at + 1) * size),
  )
}
