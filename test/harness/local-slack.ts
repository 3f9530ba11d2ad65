import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { eventually } from './eventually.ts'

/** A Slack nobody here wrote, with its own web page; see its limits in what its authors say. */
export interface LocalSlack {
  readonly origin: string
  readonly apiUrl: string
  command(user: SlackUser, text: string): Promise<void>
  say(user: SlackUser, channel: string, text: string): Promise<void>
  messages(channel?: string): Promise<LocalMessage[]>
  /** The newest message of a channel that contains the words. */
  message(words: string, channel?: string): Promise<LocalMessage>
  replies(to: LocalMessage): Promise<LocalMessage[]>
  /** A button by its label, or a menu's option by its own. */
  click(user: SlackUser, message: LocalMessage, label: string): Promise<void>
  /** The window on top, once its text contains the words. */
  modal(words: string): Promise<LocalView>
  isModalOpen(): boolean
  modalErrors(words: string): Promise<Record<string, string>>
  submit(user: SlackUser, values?: Readonly<Record<string, string>>): Promise<void>
  openHome(user: SlackUser): Promise<void>
  home(user: SlackUser, words: string): Promise<LocalView>
  close(): Promise<void>
}

const slackUsers = { alice: 'U01ALICE', bob: 'U02BOB' } as const
type SlackUser = keyof typeof slackUsers

export const localSlackSettings = {
  botToken: 'xoxb-local',
  appToken: 'xapp-local',
  signingSecret: 'local-signing-secret',
  alertChannel: 'C01ALERTS',
}

interface LocalMessage {
  readonly ts: string
  readonly channel: string
  readonly user: string
  readonly text: string
  readonly thread_ts?: string
  readonly subtype?: string
  readonly ephemeral_to?: string
  readonly edited?: object
  readonly blocks?: readonly Block[]
}

interface Block {
  readonly type: string
  readonly block_id?: string
  readonly accessory?: Element
  readonly elements?: readonly Element[]
  readonly element?: Element
}

interface Element {
  readonly type: string
  readonly action_id: string
  readonly value?: string
  readonly text?: { readonly text: string }
  readonly options?: readonly Option[]
  readonly initial_value?: string
  readonly initial_option?: Option
}

interface Option {
  readonly value: string
  readonly text: { readonly text: string }
}

interface LocalView {
  readonly id: string
  readonly title?: { readonly text: string }
  readonly blocks: readonly Block[]
}

/** Its authors build it for several systems, the package registry has the one for Linux on x64. */
export const localSlackProgram: { path: string } | { missing: string } = findProgram()

function findProgram(): { path: string } | { missing: string } {
  try {
    const require = createRequire(import.meta.url)
    const manifest = require.resolve('local-slack-linux-x64/package.json')
    return { path: join(dirname(manifest), 'bin', 'local-slack') }
  } catch {
    return { missing: 'local-slack-linux-x64 is not installed (it runs on Linux x64 only)' }
  }
}

/** `requestUrl` makes it call over HTTP; without, it waits for a socket. */
export async function startLocalSlack(requestUrl?: string): Promise<LocalSlack> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-local-slack-'))
  const config = join(folder, 'workspace.json')
  await writeFile(config, JSON.stringify(workspace(requestUrl)))
  const { child, origin } = await run(config, join(folder, 'files'))
  const page = await openPage(origin)
  return {
    origin,
    apiUrl: `${origin}/api/`,
    ...conversation(origin),
    ...windows(page, origin),
    close: async () => {
      page.socket.close()
      child.kill()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function workspace(requestUrl: string | undefined) {
  const { botToken, appToken, signingSecret, alertChannel } = localSlackSettings
  const members = [...Object.values(slackUsers), 'U0BOT']
  return {
    workspace: { name: 'Tocsin tests', domain: 'tocsin-tests', teamId: 'T01HOME' },
    app: {
      appId: 'A01APP',
      botUserId: 'U0BOT',
      botName: 'tocsin',
      botToken,
      appToken,
      signingSecret,
      ...(requestUrl === undefined ? { mode: 'socket' } : { mode: 'events', requestUrl }),
    },
    users: Object.entries(slackUsers).map(([name, id]) => ({ id, name, real_name: name })),
    channels: [{ id: alertChannel, name: 'alerts', members }],
  }
}

async function run(config: string, files: string): Promise<{ child: ChildProcess; origin: string }> {
  if ('missing' in localSlackProgram) throw new Error(localSlackProgram.missing)
  const parts = ['--config', config, '--port', '0', '--base-host', '127.0.0.1', '--files-dir', files]
  const child = spawn(localSlackProgram.path, parts, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const origin = await eventually('local-slack to start', () => /Web UI:\s+(http:\S+)/u.exec(said)?.[1])
  return { child, origin }
}

function conversation(origin: string) {
  const control = async (path: string, body?: object) => {
    const init = body && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }
    const response = await fetch(`${origin}/_control/${path}`, init)
    if (!response.ok)
      throw new Error(`local-slack answered ${path} with ${response.status}: ${await response.text()}`)
    return response.json()
  }
  const messages = async (channel: string = localSlackSettings.alertChannel): Promise<LocalMessage[]> =>
    (await control(`messages/${channel}`)).messages

  return {
    messages,
    command: async (user: SlackUser, text: string) => {
      const channel = localSlackSettings.alertChannel
      await control('command', { user: slackUsers[user], channel, command: '/alert', text })
    },
    say: async (user: SlackUser, channel: string, text: string) => {
      await control('message', { user: slackUsers[user], channel, text })
    },
    message: (words: string, channel?: string) =>
      eventually(`a message with "${words}"`, async () =>
        (await messages(channel)).findLast((message) => JSON.stringify(message).includes(words)),
      ),
    replies: async ({ channel, ts }: LocalMessage) =>
      (await messages(channel)).filter(({ thread_ts }) => thread_ts === ts),
    click: async (user: SlackUser, { channel, ts, blocks = [] }: LocalMessage, label: string) => {
      await control('interact', {
        user: slackUsers[user],
        channel,
        messageTs: ts,
        action: findAction(blocks, label),
      })
    },
    openHome: async (user: SlackUser) => void (await control('open-home', { user: slackUsers[user] })),
  }
}

function findAction(blocks: readonly Block[], label: string) {
  for (const { block_id = '', accessory, elements = [] } of blocks) {
    for (const element of accessory ? [accessory] : elements) {
      const { type, action_id, value, text, options = [] } = element
      if (text?.text === label) return { type, action_id, block_id, value, text }
      const selected_option = options.find((option) => option.text.text === label)
      if (selected_option) return { type, action_id, block_id, selected_option }
    }
  }
  throw new Error(`there is nothing called "${label}" to click in ${JSON.stringify(blocks)}`)
}

interface Page {
  readonly socket: WebSocket
  stack: readonly LocalView[]
  errors: Record<string, string> | undefined
  readonly homes: Map<string, LocalView>
}

/** What its own page hears and says: the only place where windows can be seen and forms be sent. */
async function openPage(origin: string): Promise<Page> {
  const page: Page = {
    socket: new WebSocket(`${origin.replace('http', 'ws')}/ui`),
    stack: [],
    errors: undefined,
    homes: new Map(),
  }
  page.socket.addEventListener('message', ({ data }) => {
    const heard = JSON.parse(String(data))
    if (heard.t === 'view') [page.stack, page.errors] = [heard.stack ?? [], undefined]
    if (heard.t === 'view_errors') page.errors = heard.errors
    if (heard.t === 'home') page.homes.set(heard.user, heard.view)
  })
  await once(page.socket, 'open')
  return page
}

function windows(page: Page, origin: string) {
  const top = () => page.stack.at(-1)
  const contains = (view: LocalView | undefined, words: string) =>
    JSON.stringify(view ?? {}).includes(words) ? view : undefined
  return {
    modal: (words: string) =>
      eventually(`a window with "${words}" at ${origin}`, () => contains(top(), words)),
    isModalOpen: () => page.stack.length > 0,
    modalErrors: (words: string) =>
      eventually(`an error with "${words}"`, () =>
        JSON.stringify(page.errors ?? {}).includes(words) ? page.errors : undefined,
      ),
    submit: async (user: SlackUser, values: Readonly<Record<string, string>> = {}) => {
      const filled = fillIn(top(), values)
      page.socket.send(JSON.stringify({ t: 'view_submit', user: slackUsers[user], values: filled }))
    },
    home: (user: SlackUser, words: string) =>
      eventually(`a Home tab with "${words}"`, () => contains(page.homes.get(slackUsers[user]), words)),
  }
}

/** As a real client does: what was filled in beforehand is sent too, and only what is on the screen can be filled in. */
function fillIn(view: LocalView | undefined, values: Readonly<Record<string, string>>) {
  const inputs = (view?.blocks ?? []).filter(({ type }) => type === 'input')
  const unknown = Object.keys(values).filter((name) => !inputs.some(({ block_id }) => block_id === name))
  if (!view || unknown.length > 0) throw new Error(`no window asks for ${unknown.join(', ') || 'anything'}`)
  return Object.fromEntries(
    inputs.map(({ block_id = '', element }) => {
      if (!element) throw new Error(`the input ${block_id} has no element`)
      return [block_id, { [element.action_id]: fillElement(element, values[block_id]) }]
    }),
  )
}

function fillElement({ type, options, initial_value, initial_option }: Element, value: string | undefined) {
  if (type === 'plain_text_input') return { type, value: value ?? initial_value ?? null }
  const chosen = value === undefined ? initial_option : options?.find((option) => option.value === value)
  if (value !== undefined && !chosen) throw new Error(`"${value}" is not among the choices`)
  return { type, selected_option: chosen ?? null }
}
