import { randomUUID } from 'node:crypto'
import type { TeamsIdentityServer, TokenChanges } from './teams-identity.ts'
import { elements, type FoundElement } from './teams-limits.ts'

export interface TeamsClientSettings {
  readonly identity: TeamsIdentityServer
  readonly appId: string
  readonly serviceUrl: string
  /** Where the bot listens, e.g. `http://127.0.0.1:3000/api/messages`. */
  readonly messagesUrl: string
  readonly tenant: string
}

export interface Heard {
  readonly status: number
  readonly body: unknown
}

export type ActivityChanges = Readonly<Record<string, unknown>>

/** Teams and a person in front of it, in one conversation: signs what it sends, and clicks what is on a card. */
export function teamsClient(settings: TeamsClientSettings, conversation: string, kind = 'channel') {
  const { identity, appId, serviceUrl, tenant } = settings
  const bot = { id: `28:${appId}`, name: 'Tocsin' }

  function activity(changes: ActivityChanges): ActivityChanges {
    return {
      id: randomUUID(),
      channelId: 'msteams',
      serviceUrl,
      from: { id: '29:ann', name: 'Ann', aadObjectId: 'ann-object-id' },
      recipient: bot,
      conversation: { id: conversation, conversationType: kind, tenantId: tenant },
      channelData: { tenant: { id: tenant } },
      ...changes,
    }
  }

  async function send(changes: ActivityChanges, forged?: TokenChanges | 'no token'): Promise<Heard> {
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (forged !== 'no token')
      headers['authorization'] = `Bearer ${identity.token(appId, serviceUrl, forged)}`
    return sendRaw(JSON.stringify(activity(changes)), headers)
  }

  async function sendRaw(body: string, headers: Record<string, string>): Promise<Heard> {
    const response = await fetch(settings.messagesUrl, { method: 'POST', headers, body })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }

  const invoke = (name: string, value: unknown, changes: ActivityChanges = {}) =>
    send({ type: 'invoke', name, value, ...changes })

  return {
    send,
    sendRaw,
    invoke,
    say: (text: string, changes: ActivityChanges = {}) => send({ type: 'message', text, ...changes }),
    mention: (text: string) =>
      send({
        type: 'message',
        text: `<at>Tocsin</at>&nbsp; ${text}\n`,
        entities: [{ type: 'mention', text: '<at>Tocsin</at>', mentioned: bot }],
      }),
    install: (changes: ActivityChanges = {}) =>
      send({ type: 'installationUpdate', action: 'add', ...changes }),
    uninstall: () => send({ type: 'installationUpdate', action: 'remove' }),
    /** Clicks the button with this title; what it asks of the bot depends on what kind of button it is. */
    click(card: unknown, title: string, changes: ActivityChanges = {}): Promise<Heard> {
      const button = findButton(card, title)
      const data = button['data'] as Record<string, unknown>
      if (button.type === 'Action.Execute') {
        const action = { type: button.type, title, verb: button['verb'], data }
        return invoke('adaptiveCard/action', { action, trigger: 'manual' }, changes)
      }
      if ('msteams' in data) {
        return invoke(
          'task/fetch',
          { data: { ...data, type: 'task/fetch' }, context: { theme: 'default' } },
          changes,
        )
      }
      throw new Error(`"${title}" does nothing in a conversation`)
    },
    /** Fills in the inputs of a dialog's card and sends it; values not given are those already in the card. */
    submit(card: unknown, values: Readonly<Record<string, string>>, name = 'task/submit'): Promise<Heard> {
      const data = elements(card).find(({ type }) => type === 'Action.Submit')?.['data'] as Record<
        string,
        unknown
      >
      return invoke(name, { data: { ...data, ...prefilled(card), ...values } })
    },
  }
}

export type TeamsClient = ReturnType<typeof teamsClient>

export function findButton(card: unknown, title: string): FoundElement {
  const button = elements(card).find(
    (element) => element.type.startsWith('Action.') && element['title'] === title,
  )
  if (button) return button
  const titles = elements(card).flatMap((element) => element['title'] ?? [])
  throw new Error(`No button "${title}" among ${JSON.stringify(titles)}`)
}

function prefilled(card: unknown): Record<string, unknown> {
  const inputs = elements(card).filter(({ type }) => type.startsWith('Input.'))
  return Object.fromEntries(inputs.map((input) => [String(input['id']), input['value'] ?? '']))
}

/** Everything a card says, one text after the other. */
export function textOf(card: unknown): string {
  const found = elements(card)
  return [...found, ...found.flatMap((element) => (element['facts'] as FoundElement[] | undefined) ?? [])]
    .flatMap((element) => [element['title'], element['text'], element['label'], element['value']])
    .filter((text) => typeof text === 'string')
    .join('\n')
}

/** The card inside the answer to a click or to a dialog. */
export function cardIn({ body }: Heard): unknown {
  const found = elements(body)
  const attached = deep(body, 'content') ?? deep(body, 'value')
  if (found.length === 0 || attached === undefined) throw new Error(`No card in ${JSON.stringify(body)}`)
  return attached
}

function deep(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const here = (value as Record<string, unknown>)[name]
  if (typeof here === 'object' && here !== null && (here as { type?: unknown }).type === 'AdaptiveCard')
    return here
  return Object.values(value)
    .map((child) => deep(child, name))
    .find((child) => child !== undefined)
}
