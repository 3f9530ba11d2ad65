import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KubeConfig, type V1Job, type V1ObjectMeta, type V1Pod } from '@kubernetes/client-node'

type Stored = (V1Pod | V1Job) & { metadata?: V1ObjectMeta }

interface Change {
  readonly version: number
  readonly path: string
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: Stored
}

/** `hanging`: it accepts and says nothing; `garbage`: something else answers at its address. */
type Ailment =
  | 'well'
  | 'hanging'
  | 'garbage'
  | {
      readonly status: number
      readonly message: string
      readonly verb?: 'list' | 'watch'
      readonly retryAfter?: number
    }

interface OpenWatch {
  readonly path: string
  readonly response: ServerResponse
  readonly wantsBookmarks: boolean
}

const token = 'a-token-nobody-may-read'
const kinds: Readonly<Record<string, readonly [group: string, kind: string]>> = {
  '/api/v1/pods': ['v1', 'Pod'],
  '/apis/batch/v1/jobs': ['batch/v1', 'Job'],
}

export type FakeKubernetes = Awaited<ReturnType<typeof fakeKubernetes>>

/**
 * An API server as far as pods and jobs go: one version for everything that changes, lists in pages of one moment, watches that
 * replay what came after a version or say that it is gone, and whatever can be wrong with it.
 */
export async function fakeKubernetes() {
  const objects = new Map<string, Map<string, Stored>>(Object.keys(kinds).map((path) => [path, new Map()]))
  const pages = new Map<string, { version: number; rest: readonly Stored[] }>()
  const watches = new Set<OpenWatch>()
  const waiting = new Set<ServerResponse>()
  let changes: Change[] = []
  let version = 1000
  let forgotten = 1000
  let ailment: Ailment = 'well'
  const asked = { lists: 0, pages: 0, watches: 0, resumedAt: [] as number[] }

  const server = createServer((request, response) => {
    waiting.add(response)
    response.on('close', () => waiting.delete(response))
    answer(request, response)
  })

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake')
    const verb = searchParams.get('watch') === 'true' ? 'watch' : 'list'
    if (ailment === 'hanging') return
    if (ailment === 'garbage') return void response.end('<html>It works!</html>')
    if (request.headers.authorization !== `Bearer ${token}`) return refuse(response, 401, 'Unauthorized')
    if (ailment !== 'well' && (ailment.verb ?? verb) === verb)
      return refuse(response, ailment.status, ailment.message, ailment.retryAfter)
    if (!kinds[pathname]) return refuse(response, 404, 'the server could not find the requested resource')
    if (verb === 'watch') watch(pathname, searchParams, response)
    else list(pathname, searchParams, response)
  }

  function list(path: string, parameters: URLSearchParams, response: ServerResponse): void {
    const limit = Number(parameters.get('limit') ?? 0)
    const token = parameters.get('continue')
    const page = token === null ? { version, rest: inOrder(objects.get(path)) } : pages.get(token)
    if (!page || page.version < forgotten)
      return refuse(response, 410, 'The provided continue parameter is too old to display a consistent list')
    asked[token === null ? 'lists' : 'pages'] += 1
    const items = limit > 0 ? page.rest.slice(0, limit) : page.rest
    const rest = page.rest.slice(items.length)
    const next = `${path}@${page.version}+${rest.length}`
    if (rest.length > 0) pages.set(next, { version: page.version, rest })
    const [apiVersion, kind] = kinds[path] ?? []
    send(response, 200, {
      apiVersion,
      kind: `${kind}List`,
      metadata: { resourceVersion: String(page.version), ...(rest.length > 0 && { continue: next }) },
      // As Go writes a list of nothing.
      items: items.length > 0 ? items : null,
    })
  }

  function watch(path: string, parameters: URLSearchParams, response: ServerResponse): void {
    const after = Number(parameters.get('resourceVersion'))
    asked.watches += 1
    asked.resumedAt.push(after)
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.flushHeaders()
    if (after < forgotten) {
      say(response, 'ERROR', statusOf(410, `too old resource version: ${after} (${forgotten})`))
      return void response.end()
    }
    const open = { path, response, wantsBookmarks: parameters.get('allowWatchBookmarks') === 'true' }
    for (const change of changes) if (change.version > after) tell(open, change)
    watches.add(open)
    const timer = setTimeout(() => response.end(), Number(parameters.get('timeoutSeconds') ?? 1800) * 1000)
    response.on('close', () => {
      clearTimeout(timer)
      watches.delete(open)
    })
  }

  function change(type: Change['type'], path: string, object: Stored): void {
    version += 1
    const stored = structuredClone(object)
    stored.metadata = Object.assign(stored.metadata ?? {}, { resourceVersion: String(version) })
    const changed = { version, path, type, object: stored }
    const key = keyOf(object)
    if (type === 'DELETED') objects.get(path)?.delete(key)
    else objects.get(path)?.set(key, changed.object)
    changes.push(changed)
    for (const open of watches) tell(open, changed)
  }

  function put(path: string, object: Stored): void {
    const known = objects.get(path)?.get(keyOf(object))
    if (known && known.metadata?.uid !== object.metadata?.uid) change('DELETED', path, known)
    change(known?.metadata?.uid === object.metadata?.uid ? 'MODIFIED' : 'ADDED', path, object)
  }

  function leave(how: (response: ServerResponse) => void): void {
    const left = [...watches]
    watches.clear()
    for (const { response } of left) how(response)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo

  return {
    asked,
    url: `http://127.0.0.1:${address.port}`,
    token,
    config: (parts: { token?: string } = {}) =>
      configOf(`http://127.0.0.1:${address.port}`, parts.token ?? token),
    openWatches: () => watches.size,
    put: (...pods: V1Pod[]) => pods.forEach((pod) => put('/api/v1/pods', pod)),
    remove: (pod: V1Pod) => change('DELETED', '/api/v1/pods', pod),
    putJob: (job: V1Job) => put('/apis/batch/v1/jobs', job),
    become: (next: Ailment) => {
      ailment = next
    },
    /** Without a goodbye, as when a machine between goes down. */
    cutWatches: () => leave(({ socket }) => socket?.resetAndDestroy()),
    endWatches: () => leave((response) => response.end()),
    /** A line into every open watch that no API server writes. */
    sayInWatches: (line: string) => watches.forEach(({ response }) => response.write(`${line}\n`)),
    bookmark: () =>
      watches.forEach(({ response, wantsBookmarks, path }) => {
        const [apiVersion, kind] = kinds[path] ?? []
        const object = { apiVersion, kind, metadata: { resourceVersion: String(version) } }
        if (wantsBookmarks) say(response, 'BOOKMARK', object)
      }),
    /** Nobody may ask for what was before this moment any more. */
    compact: () => {
      version += 1
      forgotten = version
      changes = []
    },
    close: async () => {
      for (const response of waiting) response.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function tell({ path, response }: OpenWatch, change: Change): void {
  if (path === change.path) say(response, change.type, change.object)
}

function say(response: ServerResponse, type: string, object: unknown): void {
  response.write(`${wire({ type, object })}\n`)
}

function refuse(response: ServerResponse, status: number, message: string, retryAfter?: number): void {
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

function configOf(server: string, token: string): KubeConfig {
  const config = new KubeConfig()
  config.loadFromClusterAndUser({ name: 'fake', server, skipTLSVerify: true }, { name: 'tocsin', token })
  return config
}
