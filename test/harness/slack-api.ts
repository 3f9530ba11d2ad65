import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { eventually } from './eventually.ts'
import { listen } from './slack-http.ts'

interface SlackCall {
  /** `chat.update`, …, or `response_url`. */
  readonly method: string
  readonly token: string | undefined
  readonly sent: Record<string, unknown>
}

/** What Slack's Web API answers to: a record of every call, and canned answers that a test may replace. */
export interface SlackApi {
  readonly url: string
  readonly responseUrl: string
  readonly calls: SlackCall[]
  readonly answers: Record<string, Answer>
  /** The calls of one method, once there are that many. */
  heard(method: string, count?: number): Promise<SlackCall[]>
  close(): Promise<void>
}

type Answer = object | { readonly status: number; readonly headers?: Record<string, string> } | 'hang up'

const ok = { ok: true }

export async function startSlackApi(): Promise<SlackApi> {
  const calls: SlackCall[] = []
  const answers: SlackApi['answers'] = {
    'auth.test': {
      ...ok,
      team_id: 'T0HOME',
      user_id: 'U0BOT',
      bot_id: 'B0BOT',
      is_enterprise_install: false,
    },
    'conversations.info': { ...ok, channel: { id: 'C0ALERTS', name: 'alerts' } },
    'users.info': { ...ok, user: { id: 'U0ALICE', name: 'alice' } },
    'views.open': { ...ok, view: { id: 'V0OPENED' } },
    'chat.postMessage': { ...ok, channel: 'C0ALERTS', ts: '1.1' },
  }
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = await readCall(request)
    calls.push(call)
    const answer = answers[call.method] ?? ok
    if (answer === 'hang up') {
      request.socket.destroy()
      return
    }
    const { status = 200, headers = {} } = 'status' in answer ? answer : {}
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(answer))
  }
  const server = createServer((request, response) => void reply(request, response))
  const { origin, close } = await listen(server)
  const of = (method: string) => calls.filter((call) => call.method === method)
  return {
    url: `${origin}/api/`,
    responseUrl: `${origin}/api/response_url`,
    calls,
    answers,
    heard: async (method, count = 1) => {
      await eventually(`${count} × ${method}`, () => of(method).length >= count)
      return of(method)
    },
    close,
  }
}

async function readCall(request: IncomingMessage): Promise<SlackCall> {
  const body = await text(request)
  const isForm = request.headers['content-type']?.includes('urlencoded')
  const sent = isForm
    ? Object.fromEntries(Array.from(new URLSearchParams(body), decoded))
    : JSON.parse(body || '{}')
  const token = request.headers.authorization?.replace('Bearer ', '')
  return { method: (request.url ?? '').replace('/api/', ''), token, sent }
}

/** The client sends nested values as JSON inside the form. */
function decoded([name, value]: [string, string]): [string, unknown] {
  return [name, /^[{[]/u.test(value) ? JSON.parse(value) : value]
}
