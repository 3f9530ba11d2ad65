import type { IncomingMessage, ServerResponse } from 'node:http'
import { complaintsAboutCommands } from './discord-limits.ts'
import { channelJson, messageJson } from './fake-discord-payloads.ts'
import { type FakeWorld, Refusal } from './fake-discord-world.ts'

type Json = Record<string, unknown>

export interface RestTrouble {
  /** The next requests that change a message are answered with these, first come first served. */
  readonly next: (Refusal | 'hang up')[]
  /** Every request, as `POST /channels/{id}/messages 200`. */
  readonly log: string[]
}

interface Route {
  readonly method: string
  readonly path: RegExp
  readonly needsToken: boolean
  /** What is sent back; undefined is a 204. */
  answer(parts: string[], body: Json, query: URLSearchParams): unknown
}

export interface RestSettings {
  readonly token: string
  readonly gatewayUrl: () => string
}

export function fakeRest(world: FakeWorld, trouble: RestTrouble, settings: RestSettings) {
  const routes = routesOf(world, settings)
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const path = decodeURIComponent(url.pathname).replace('/api/v10', '')
    const body = await readBody(request)
    try {
      const isMessage = /\/messages/.test(path)
      const next = isMessage ? trouble.next.shift() : undefined
      if (next === 'hang up') return void request.socket.destroy()
      if (next) throw next
      const route = routes.find((route) => route.method === request.method && route.path.test(path))
      if (!route) throw new Refusal(404, 0, `404: Not Found (${request.method} ${path})`)
      if (route.needsToken && request.headers.authorization !== `Bot ${settings.token}`) {
        throw new Refusal(401, 0, '401: Unauthorized')
      }
      const answer = route.answer(route.path.exec(path)?.slice(1) ?? [], body, url.searchParams)
      send(response, answer === undefined ? 204 : 200, answer)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      sendRefusal(response, error)
    } finally {
      trouble.log.push(`${request.method} ${path} ${response.statusCode}`)
    }
  }
}

function routesOf(world: FakeWorld, { gatewayUrl }: RestSettings): Route[] {
  const seen = (message: Parameters<typeof messageJson>[1]) => messageJson(world, message)
  return [
    {
      method: 'GET',
      path: /^\/gateway\/bot$/,
      needsToken: true,
      answer: () => {
        const session_start_limit = { total: 1000, remaining: 999, reset_after: 0, max_concurrency: 1 }
        return { url: gatewayUrl(), shards: 1, session_start_limit }
      },
    },
    {
      method: 'GET',
      path: /^\/channels\/(\d+)$/,
      needsToken: true,
      answer: ([id]) => {
        if (id !== world.channel.id) throw new Refusal(404, 10_003, 'Unknown Channel')
        return channelJson(world)
      },
    },
    {
      method: 'PUT',
      path: /^\/applications\/(\d+)\/guilds\/(\d+)\/commands$/,
      needsToken: true,
      answer: (_, body) => setCommands(world, body),
    },
    {
      method: 'POST',
      path: /^\/channels\/(\d+)\/messages$/,
      needsToken: true,
      answer: ([channel = ''], body) => seen(world.post(channel, body)),
    },
    {
      method: 'PATCH',
      path: /^\/channels\/(\d+)\/messages\/(\d+)$/,
      needsToken: true,
      answer: ([channel = '', message = ''], body) => seen(world.edit(channel, message, body)),
    },
    {
      method: 'POST',
      path: /^\/interactions\/(\d+)\/([^/]+)\/callback$/,
      needsToken: false,
      answer: ([id = '', token = ''], body, query) => {
        world.callback(id, token, body as { type: number; data?: Json })
        return query.get('with_response') === 'true' ? { interaction: { id, type: 2 } } : undefined
      },
    },
    {
      method: 'PATCH',
      path: /^\/webhooks\/\d+\/([^/]+)\/messages\/@original$/,
      needsToken: false,
      answer: ([token = ''], body) => seen(world.editOriginal(token, body)),
    },
    {
      method: 'POST',
      path: /^\/webhooks\/\d+\/([^/]+)$/,
      needsToken: false,
      answer: ([token = ''], body) => seen(world.followUp(token, body)),
    },
  ]
}

function setCommands(world: FakeWorld, body: unknown): unknown {
  const commands = body as Json[]
  const complaints = complaintsAboutCommands(commands)
  if (complaints.length > 0) throw new Refusal(400, 50_035, `Invalid Form Body: ${complaints.join('; ')}`)
  world.commands = commands
  world.commandWrites += 1
  return commands.map((command) => ({
    id: world.nextId(),
    application_id: world.applicationId,
    guild_id: world.guild.id,
    version: '1',
    ...command,
  }))
}

async function readBody(request: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  return text === '' ? {} : (JSON.parse(text) as Json)
}

/** A 204 has no content type: discord.js reads any body that claims to be JSON, also an empty one. */
function send(
  response: ServerResponse,
  status: number,
  body?: unknown,
  headers: Record<string, string> = {},
): void {
  const bucket = { 'x-ratelimit-bucket': 'fake', 'x-ratelimit-limit': '50', 'x-ratelimit-remaining': '49' }
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  response.writeHead(status, { ...bucket, 'x-ratelimit-reset-after': '1', ...type, ...headers })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}

function sendRefusal(response: ServerResponse, { status, code, message, retryAfterSeconds }: Refusal): void {
  if (retryAfterSeconds === undefined) return send(response, status, { code, message })
  const headers = { 'retry-after': String(Math.ceil(retryAfterSeconds)), 'x-ratelimit-scope': 'user' }
  send(response, status, { code, message, retry_after: retryAfterSeconds, global: false }, headers)
}
