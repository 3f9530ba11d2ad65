import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { readBody, sendBytes } from './body.ts'
import { hasCredentials } from './credentials.ts'
import type { Engine, EngineResult } from './engine.ts'
import { authenticationFailed, toException, type Exception } from './exception.ts'
import { readQueryRequest } from './request.ts'

/** How the engine process answers roles calling in and taking leave. */
export interface RoleBook {
  /** False when the engine is about to end: call again, at its successor. */
  attend(role: string): boolean
  /** Tells whether the engine ends now, nobody else being left. */
  leave(role: string): boolean
}

interface Door {
  readonly engine: Engine
  readonly password: string
  readonly roles: RoleBook
}

/** Speaks the part of ClickHouse's HTTP interface that its clients use (https://clickhouse.com/docs/interfaces/http). */
export function createHttpDoor(door: Door): Server {
  const server = createServer((request, response) => {
    response.on('error', () => undefined)
    answer(door, request, response).catch((error: unknown) => sendException(response, toException(error)))
  })
  // Longer than clients keep an idle socket, so that the client and never the server closes first.
  server.keepAliveTimeout = 30_000
  return server
}

async function answer(door: Door, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const isPing = request.method === 'GET' && url.pathname === '/ping'
  if (isPing) return void response.end('Ok.\n')
  if (!hasCredentials(request.headers, door.password)) return sendException(response, authenticationFailed)
  const role = /^\/roles\/([\w-]+)$/.exec(url.pathname)?.[1]
  if (role !== undefined) return answerRole(door.roles, role, request, response)
  if (url.pathname === '/') return answerQuery(door.engine, url, request, response)
  response.writeHead(404).end(`There is no resource ${url.pathname}\n`)
}

function answerRole(roles: RoleBook, role: string, request: IncomingMessage, response: ServerResponse): void {
  if (request.method === 'PUT') {
    response.writeHead(roles.attend(role) ? 204 : 503).end()
  } else if (request.method === 'DELETE') {
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ ending: roles.leave(role) }))
  } else {
    response.writeHead(405).end()
  }
}

async function answerQuery(
  engine: Engine,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('X-ClickHouse-Query-Id', url.searchParams.get('query_id') ?? randomUUID())
  response.setHeader('X-ClickHouse-Timezone', 'UTC')
  const gone = new AbortController()
  response.on('close', () => gone.abort(new Error('The client went away')))
  const body = await readBody(request)
  const query = readQueryRequest(url.searchParams, body, request.method ?? 'POST')
  const result = await engine.run(query, gone.signal)
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8')
  response.setHeader('X-ClickHouse-Summary', JSON.stringify(summaryOf(result)))
  await sendBytes(request, response, result.bytes)
}

function summaryOf(result: EngineResult): Record<string, string> {
  return {
    result_rows: String(result.rows),
    result_bytes: String(result.resultBytes),
    elapsed_ns: String(Math.round(result.elapsedSeconds * 1e9)),
  }
}

function sendException(response: ServerResponse, { code, status, text }: Exception): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  response.setHeader('X-ClickHouse-Exception-Code', code)
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8')
  response.writeHead(status).end(`${text}\n`)
}
