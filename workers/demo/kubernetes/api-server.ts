import type { IncomingMessage, ServerResponse } from 'node:http'
import type { V1Job, V1ObjectMeta, V1Pod } from '@kubernetes/client-node'

type Stored = (V1Pod | V1Job) & { metadata?: V1ObjectMeta }

interface Change {
  readonly version: number
  readonly path: string
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: Stored
}

interface OpenWatch {
  readonly path: string
  readonly response: ServerResponse
  readonly wantsBookmarks: boolean
}

/** What somebody asked for, and was given. */
export type Asked =
  | { readonly verb: 'list' | 'page' }
  | { readonly verb: 'watch'; readonly after: number; readonly response: ServerResponse }

interface ApiServerOptions {
  /** Whoever does not show it is nobody. */
  readonly token: string
  readonly onAsked?: (asked: Asked) => void
}

const kinds: Readonly<Record<string, readonly [group: string, kind: string]>> = {
  '/api/v1/pods': ['v1', 'Pod'],
  '/apis/batch/v1/jobs': ['batch/v1', 'Job'],
}

/** As the cache of a real one, which forgets too. */
const rememberedChanges = 1000

/**
 * An API server as far as pods and jobs go: one version for everything that changes, lists in pages of one moment, and watches that
 * replay what came after a version or say that it is gone.
 */
export class ApiServer {
  readonly #token: string
  readonly #onAsked: (asked: Asked) => void
  readonly #objects = new Map<string, Map<string, Stored>>(
    Object.keys(kinds).map((path) => [path, new Map()]),
  )
  readonly #pages = new Map<string, { version: number; rest: readonly Stored[] }>()
  readonly #watches = new Set<OpenWatch>()
  #changes: Change[] = []
  #version = 1000
  #forgotten = 1000

  constructor({ token, onAsked = () => undefined }: ApiServerOptions) {
    this.#token = token
    this.#onAsked = onAsked
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://kubernetes')
    if (request.headers.authorization !== `Bearer ${this.#token}`)
      return refuse(response, 401, 'Unauthorized')
    if (!kinds[pathname]) return refuse(response, 404, 'the server could not find the requested resource')
    if (searchParams.get('watch') === 'true') this.#watch(pathname, searchParams, response)
    else this.#list(pathname, searchParams, response)
  }

  putPod(pod: V1Pod): void {
    this.#put('/api/v1/pods', pod)
  }

  removePod(pod: V1Pod): void {
    this.#change('DELETED', '/api/v1/pods', pod)
  }

  putJob(job: V1Job): void {
    this.#put('/apis/batch/v1/jobs', job)
  }

  /** Tells all who watch, and want to know, that nothing happened up to now. */
  bookmark(): void {
    for (const { response, wantsBookmarks, path } of this.#watches) {
      const [apiVersion, kind] = kinds[path] ?? []
      const object = { apiVersion, kind, metadata: { resourceVersion: String(this.#version) } }
      if (wantsBookmarks) say(response, 'BOOKMARK', object)
    }
  }

  /** Nobody may ask for what was before this moment any more. */
  compact(): void {
    this.#version += 1
    this.#forgotten = this.#version
    this.#changes = []
  }

  #list(path: string, parameters: URLSearchParams, response: ServerResponse): void {
    const limit = Number(parameters.get('limit') ?? 0)
    const token = parameters.get('continue')
    const everything = () => ({ version: this.#version, rest: inOrder(this.#objects.get(path)) })
    const page = token === null ? everything() : this.#pages.get(token)
    if (!page || page.version < this.#forgotten)
      return refuse(response, 410, 'The provided continue parameter is too old to display a consistent list')
    this.#onAsked({ verb: token === null ? 'list' : 'page' })
    const items = limit > 0 ? page.rest.slice(0, limit) : page.rest
    const rest = page.rest.slice(items.length)
    const next = `${path}@${page.version}+${rest.length}`
    if (rest.length > 0) this.#pages.set(next, { version: page.version, rest })
    const [apiVersion, kind] = kinds[path] ?? []
    send(response, 200, {
      apiVersion,
      kind: `${kind}List`,
      metadata: { resourceVersion: String(page.version), ...(rest.length > 0 && { continue: next }) },
      // As Go writes a list of nothing.
      items: items.length > 0 ? items : null,
    })
  }

  #watch(path: string, parameters: URLSearchParams, response: ServerResponse): void {
    const after = Number(parameters.get('resourceVersion'))
    this.#onAsked({ verb: 'watch', after, response })
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.flushHeaders()
    if (after < this.#forgotten) {
      const tooOld = `too old resource version: ${after} (${this.#forgotten})`
      say(response, 'ERROR', statusOf(410, tooOld))
      return void response.end()
    }
    const open = { path, response, wantsBookmarks: parameters.get('allowWatchBookmarks') === 'true' }
    for (const change of this.#changes) if (change.version > after) tell(open, change)
    this.#watches.add(open)
    const timer = setTimeout(() => response.end(), Number(parameters.get('timeoutSeconds') ?? 1800) * 1000)
    response.on('close', () => {
      clearTimeout(timer)
      this.#watches.delete(open)
    })
  }

  #put(path: string, object: Stored): void {
    const known = this.#objects.get(path)?.get(keyOf(object))
    if (known && known.metadata?.uid !== object.metadata?.uid) this.#change('DELETED', path, known)
    this.#change(known?.metadata?.uid === object.metadata?.uid ? 'MODIFIED' : 'ADDED', path, object)
  }

  #change(type: Change['type'], path: string, object: Stored): void {
    this.#version += 1
    const stored = structuredClone(object)
    stored.metadata = Object.assign(stored.metadata ?? {}, { resourceVersion: String(this.#version) })
    const changed = { version: this.#version, path, type, object: stored }
    const key = keyOf(object)
    if (type === 'DELETED') this.#objects.get(path)?.delete(key)
    else this.#objects.get(path)?.set(key, stored)
    this.#changes.push(changed)
    if (this.#changes.length > rememberedChanges)
      this.#forgotten = this.#changes.shift()?.version ?? this.#forgotten
    for (const open of this.#watches) tell(open, changed)
  }
}

function tell({ path, response }: OpenWatch, change: Change): void {
  if (path === change.path) say(response, change.type, change.object)
}

function say(response: ServerResponse, type: string, object: unknown): void {
  if (response.writableEnded || response.destroyed) return
  response.write(`${wire({ type, object })}\n`)
}

interface Refusal {
  readonly status: number
  readonly message: string
  readonly retryAfter?: number | undefined
}

function refuse(response: ServerResponse, status: number, message: string): void {
  sendRefusal(response, { status, message })
}

export function sendRefusal(response: ServerResponse, { status, message, retryAfter }: Refusal): void {
  if (retryAfter !== undefined) response.setHeader('Retry-After', retryAfter)
  send(response, status, statusOf(status, message))
}

function statusOf(code: number, message: string) {
  return { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', code, message }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(wire(body))
}

/** Times in whole seconds, as the API has them. */
function wire(value: unknown): string {
  return JSON.stringify(value).replaceAll(/("\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{3}Z"/g, '$1Z"')
}

function keyOf({ metadata }: Stored): string {
  return `${metadata?.namespace}/${metadata?.name}`
}

function inOrder(objects: ReadonlyMap<string, Stored> = new Map()): Stored[] {
  return [...objects].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, object]) => object)
}
