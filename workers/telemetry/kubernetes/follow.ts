import { setTimeout as pause } from 'node:timers/promises'
import type { Collection, WatchEvent } from './cluster.ts'
import { isGone, Refusal } from './refusal.ts'

export interface Pace {
  /** Everything is listed anew this often, whatever the watch says: what it never told is then known. */
  readonly relistMs: number
  /** Before the first try after a failure; doubled for each that follows, up to the longest. */
  readonly retryMs: number
  readonly longestRetryMs: number
  readonly pageSize: number
}

export interface Follower<Item> {
  readonly onList: (items: readonly Item[]) => void
  readonly onChange: (type: 'ADDED' | 'MODIFIED' | 'DELETED', item: Item) => void
  /** What is known is how things are at this moment. */
  readonly onCurrent: () => void
  /** It is tried again after this. */
  readonly onTrouble: (error: unknown) => void
}

/** Lists, then watches from there, for as long as nobody aborts: a broken watch is taken up where it broke. */
export async function follow<Item>(
  collection: Collection<Item>,
  follower: Follower<Item>,
  pace: Pace,
  signal: AbortSignal,
): Promise<void> {
  const place: Place = { version: undefined, listedAt: 0, failures: 0 }
  while (!signal.aborted) {
    try {
      if (place.version === undefined || isDue(place, pace))
        await listAll(collection, follower, { pace, place }, signal)
      await watchOn(collection, follower, { pace, place }, signal)
      await pauseUnlessAborted(pace.retryMs, signal)
    } catch (error) {
      if (signal.aborted) return
      await recover(error, follower, { pace, place }, signal)
    }
  }
}

/** How far it came. */
interface Place {
  version: string | undefined
  listedAt: number
  failures: number
}

interface Going {
  readonly pace: Pace
  readonly place: Place
}

/** Not while it cannot be watched: a list now and then would only hide that. */
function isDue({ listedAt, failures }: Place, { relistMs }: Pace): boolean {
  return failures === 0 && performance.now() - listedAt >= relistMs
}

async function listAll<Item>(
  collection: Collection<Item>,
  { onList, onCurrent }: Follower<Item>,
  { pace, place }: Going,
  signal: AbortSignal,
): Promise<void> {
  const items: Item[] = []
  let page = await collection.list({ limit: pace.pageSize }, signal)
  items.push(...page.items)
  while (page.metadata.continue) {
    page = await collection.list({ limit: pace.pageSize, continue: page.metadata.continue }, signal)
    items.push(...page.items)
  }
  onList(items)
  onCurrent()
  place.version = page.metadata.resourceVersion
  place.listedAt = performance.now()
  place.failures = 0
}

async function watchOn<Item>(
  collection: Collection<Item>,
  { onChange, onCurrent }: Follower<Item>,
  { pace, place }: Going,
  signal: AbortSignal,
): Promise<void> {
  const leftMs = Math.max(0, pace.relistMs - (performance.now() - place.listedAt))
  await collection.watch(place.version ?? '', Math.max(1, Math.ceil(leftMs / 1000)), {
    signal,
    onOpen: () => {
      place.failures = 0
      onCurrent()
    },
    onEvent: (event) => {
      if (event.type !== 'BOOKMARK') onChange(event.type, event.object)
      place.version = versionOf(event) ?? place.version
      onCurrent()
    },
  })
}

function versionOf({ object }: WatchEvent<unknown>): string | undefined {
  const { metadata } = object as { metadata?: { resourceVersion?: string } }
  return metadata?.resourceVersion
}

/** With a growing pause, never the same for all who lost the same server. */
async function recover<Item>(
  error: unknown,
  { onTrouble }: Follower<Item>,
  { pace, place }: Going,
  signal: AbortSignal,
): Promise<void> {
  if (isGone(error)) place.version = undefined
  else onTrouble(error)
  const asked = error instanceof Refusal ? (error.retryAfterMs ?? 0) : 0
  const growing = Math.min(pace.retryMs * 2 ** place.failures, pace.longestRetryMs)
  place.failures += 1
  const pauseMs = Math.max(Math.min(asked, pace.longestRetryMs), growing * (0.5 + Math.random() / 2))
  await pauseUnlessAborted(pauseMs, signal)
}

async function pauseUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(ms, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
