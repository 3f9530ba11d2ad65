import { fetch } from 'undici'
import type { KubeConfig } from '@kubernetes/client-node'
// Not from its front door, behind which all of its API waits to be loaded: 55 MB.
import { HttpMethod, RequestContext } from '@kubernetes/client-node/dist/gen/http/http.js'
import { Watch } from '@kubernetes/client-node/dist/watch.js'
import { asStatus, Malformed, Refusal } from './refusal.ts'
import type { WireList } from './wire.ts'

const answerWithinMs = 30_000

export type WatchEvent<Item> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Item }
  /** Nothing happened up to this version. */
  | { readonly type: 'BOOKMARK'; readonly object: Versioned }

interface Versioned {
  readonly metadata?: { readonly resourceVersion?: string }
}

interface Watching<Item> {
  readonly onOpen: () => void
  readonly onEvent: (event: WatchEvent<Item>) => void
  readonly signal: AbortSignal
}

/** One kind of object in all namespaces, as the API serves it. */
export interface Collection<Item> {
  /** In words: `pods`. */
  readonly name: string
  list(page: { limit: number; continue?: string | undefined }, signal: AbortSignal): Promise<WireList<Item>>
  /** What happens after a version; resolves when the server has said enough, rejects when something is wrong. */
  watch(after: string, forSeconds: number, watching: Watching<Item>): Promise<void>
}

/** Of a kubeconfig, where the server is and who we are to it. */
export type ApiAccess = Pick<KubeConfig, 'getCurrentCluster' | 'applySecurityAuthentication'>

export function openCollection<Item extends Versioned>(
  access: ApiAccess,
  path: string,
  name: string,
): Collection<Item> {
  return {
    name,
    list: (page, signal) => list<Item>(access, path, page, signal),
    watch: (after, forSeconds, watching) =>
      watch(new Watch(access as KubeConfig), { path, after, forSeconds }, watching),
  }
}

/** Read as it comes: the client's own list turns every field of every pod into an object of a class first. */
async function list<Item>(
  access: ApiAccess,
  path: string,
  page: { limit: number; continue?: string | undefined },
  signal: AbortSignal,
): Promise<WireList<Item>> {
  const url = new URL(`${access.getCurrentCluster()?.server ?? ''}${path}`)
  url.searchParams.set('limit', String(page.limit))
  if (page.continue !== undefined) url.searchParams.set('continue', page.continue)
  const request = new RequestContext(url.href, HttpMethod.GET)
  await access.applySecurityAuthentication(request)
  const dispatcher = request.getDispatcher()
  try {
    const response = await fetch(url, {
      headers: { ...request.getHeaders(), Accept: 'application/json' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
      redirect: 'error',
      ...(dispatcher && { dispatcher }),
    })
    const body = parse(await response.text())
    if (!response.ok) throw refusalOf(response.status, response.headers.get('retry-after'), body)
    return asList<Item>(body)
  } finally {
    // The client opens connections anew for every request, and leaves them open.
    await dispatcher?.close()
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refusalOf(status: number, retryAfter: string | null, body: unknown): Refusal {
  const seconds = Number(retryAfter ?? Number.NaN)
  return new Refusal(
    status,
    asStatus(body)?.message?.slice(0, 300) ?? '',
    Number.isFinite(seconds) ? seconds * 1000 : undefined,
  )
}

/** Go writes an empty list as null now and then. */
function asList<Item>(body: unknown): WireList<Item> {
  const { metadata, items = null } = (body ?? {}) as Partial<WireList<Item>>
  if (typeof metadata?.resourceVersion !== 'string' || !(items === null || Array.isArray(items)))
    throw new Malformed('a list without resourceVersion or items')
  return { metadata, items: items ?? [] }
}

/** The client ends a watch that says nothing for half a minute; that is quiet, and no fault. */
function watch<Item extends Versioned>(
  stream: Watch,
  { path, after, forSeconds }: { path: string; after: string; forSeconds: number },
  { onOpen, onEvent, signal }: Watching<Item>,
): Promise<void> {
  const asked = { resourceVersion: after, allowWatchBookmarks: true, timeoutSeconds: forSeconds }
  return new Promise((resolve, reject) => {
    let state: 'opening' | 'open' | 'ended' = 'opening'
    let connection: AbortController | undefined
    const end = (error: unknown) => {
      const isQuiet = state === 'open' && error instanceof Error && error.name === 'TimeoutError'
      state = 'ended'
      signal.removeEventListener('abort', give)
      connection?.abort()
      if (error && !isQuiet) reject(asRefusal(error))
      else resolve()
    }
    const give = () => end(signal.reason)
    // What is thrown in here the client takes for a line it cannot read, and goes on.
    const take = (type: string, object: unknown) => {
      if (state === 'ended') return
      try {
        onEvent(asEvent<Item>(type, object))
      } catch (error) {
        end(error)
      }
    }
    signal.addEventListener('abort', give)
    stream.watch(path, asked, take, end).then((opened) => {
      if (state === 'ended') return opened.abort()
      connection = opened
      state = 'open'
      onOpen()
    }, end)
  })
}

/** A version that is too old is told within a good answer, as an event. */
function asEvent<Item extends Versioned>(type: string, object: unknown): WatchEvent<Item> {
  if (type === 'ERROR') {
    const status = asStatus(object)
    throw status ? new Refusal(status.code, status.message ?? '') : new Malformed('an error without a status')
  }
  const isKnown = type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK'
  if (!isKnown || typeof object !== 'object' || object === null)
    throw new Malformed(`an event of type ${JSON.stringify(type)?.slice(0, 40)}`)
  return { type, object } as WatchEvent<Item>
}

/** The client hangs the status on an ordinary error. */
function asRefusal(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Refusal) return error
  const { statusCode } = error as Error & { statusCode?: number }
  return statusCode === undefined ? error : new Refusal(statusCode, error.message)
}
