import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { teamsCardProblems, teamsLimits } from './teams-limits.ts'

export interface PostedMessage {
  readonly id: string
  readonly conversation: string
  activity: {
    readonly summary?: string
    readonly text?: string
    readonly attachments?: readonly Attachment[]
  }
  edits: number
}

interface Attachment {
  readonly contentType: string
  readonly content: unknown
}

interface Failure {
  readonly status: number
  readonly code?: string
  readonly retryAfterSeconds?: number
}

export interface TeamsConnector {
  readonly serviceUrl: string
  readonly tokenUrl: string
  readonly origin: string
  readonly messages: readonly PostedMessage[]
  /** What anyone asked of us that Teams would not have taken, as sentences. */
  readonly complaints: readonly string[]
  readonly tokensGranted: () => number
  install(conversation: string): void
  uninstall(conversation: string): void
  revokeTokens(): void
  failNext(...failures: readonly Failure[]): void
  failuresLeft(): number
  close(): Promise<void>
}

/**
 * A strict Bot Connector on loopback, with the token endpoint beside it: a bearer it granted itself, conversations
 * the app is installed in, sizes, and 7 messages a second in one conversation. Modelled after Microsoft's documents.
 */
export async function startTeamsConnector(app: { id: string; secret: string }): Promise<TeamsConnector> {
  const messages: PostedMessage[] = []
  const complaints: string[] = []
  const failures: Failure[] = []
  const installed = new Set<string>()
  const sent = new Map<string, number[]>()
  let tokens = new Set<string>()
  let granted = 0
  const server = createServer((request, response) => {
    answer(request).then(
      (reply) => finish(response, reply),
      (error: unknown) => finish(response, { status: 500, body: { error: { code: String(error) } } }),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function answer(request: IncomingMessage): Promise<Reply> {
    const body = await bodyOf(request)
    const path = (request.url ?? '').split('?')[0] ?? ''
    if (path === '/token') return grant(body)
    const failure = failures.shift()
    if (failure) return failed(failure)
    if (!tokens.has((request.headers.authorization ?? '').replace(/^Bearer /, ''))) {
      return failed({ status: 401, code: 'Unauthorized' })
    }
    const [, , , conversation = '', , activity] = path
      .replace(/^\/teams/, '')
      .split('/')
      .map(decodeURIComponent)
    const place = conversation.replace(/;messageid=.*$/, '')
    if (!installed.has(place)) return failed({ status: 403, code: 'BotNotInConversationRoster' })
    if (body.length * 2 > teamsLimits.activityUtf16Bytes)
      return failed({ status: 413, code: 'MessageSizeTooBig' })
    if (isTooFast(place)) return failed({ status: 429, code: 'TooManyRequests', retryAfterSeconds: 1 })
    return request.method === 'PUT' ? edit(activity, JSON.parse(body)) : post(conversation, JSON.parse(body))
  }

  function grant(body: string): Reply {
    const asked = new URLSearchParams(body)
    const isRight =
      asked.get('grant_type') === 'client_credentials' &&
      asked.get('client_id') === app.id &&
      asked.get('client_secret') === app.secret &&
      asked.get('scope') === 'https://api.botframework.com/.default'
    if (!isRight)
      return { status: 401, body: { error: 'invalid_client', error_description: 'AADSTS7000215' } }
    const token = `granted-${++granted}`
    tokens.add(token)
    return { status: 200, body: { token_type: 'Bearer', expires_in: 3599, access_token: token } }
  }

  function isTooFast(place: string): boolean {
    const now = Date.now()
    const recent = (sent.get(place) ?? []).filter((at) => at > now - 1000)
    sent.set(place, [...recent, now])
    return recent.length >= 7
  }

  function post(conversation: string, activity: PostedMessage['activity']): Reply {
    inspect(activity)
    const id = `17${String(messages.length + 1).padStart(11, '0')}`
    messages.push({ id, conversation, activity, edits: 0 })
    // Text beside a card becomes two messages, and the sender learns the id of neither.
    const isSplit = activity.text !== undefined && (activity.attachments?.length ?? 0) > 0
    return { status: 201, body: isSplit ? {} : { id } }
  }

  function edit(id: string | undefined, activity: PostedMessage['activity']): Reply {
    const message = messages.find((one) => one.id === id)
    if (!message) return failed({ status: 404, code: 'ActivityNotFoundInConversation' })
    inspect(activity)
    message.activity = activity
    message.edits += 1
    return { status: 200, body: { id } }
  }

  function inspect(activity: PostedMessage['activity']): void {
    for (const { contentType, content } of activity.attachments ?? []) {
      if (contentType !== 'application/vnd.microsoft.card.adaptive')
        complaints.push(`an attachment of ${contentType}`)
      complaints.push(...teamsCardProblems(content))
    }
    if (activity.attachments && !activity.summary)
      complaints.push('a card without a summary for the notification')
  }

  return {
    origin,
    serviceUrl: `${origin}/teams/`,
    tokenUrl: `${origin}/token`,
    messages,
    complaints,
    tokensGranted: () => granted,
    install: (conversation) => void installed.add(conversation),
    uninstall: (conversation) => void installed.delete(conversation),
    revokeTokens: () => void (tokens = new Set()),
    failNext: (...next) => void failures.push(...next),
    failuresLeft: () => failures.length,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Reply {
  readonly status: number
  readonly body: unknown
  readonly retryAfterSeconds?: number
}

function failed({ status, code = 'Failed', retryAfterSeconds }: Failure): Reply {
  const body = { error: { code, message: 'refused by the simulated Connector' } }
  return { status, body, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) }
}

function finish(response: ServerResponse, { status, body, retryAfterSeconds }: Reply): void {
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds))
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
