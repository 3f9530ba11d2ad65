import type { TelemetryUnavailable } from '#engine/telemetry/telemetry.ts'
import type { Collection } from './cluster.ts'
import { follow, type Pace } from './follow.ts'
import { explain, Malformed } from './refusal.ts'

export interface KeptOptions {
  readonly host: string
  readonly pace: Pace
  /** Nobody is answered from what was last known to be true longer ago than this. */
  readonly staleMs: number
  /** The first who asks waits this long for the first list. */
  readonly patienceMs: number
  readonly onTrouble: (problem: TelemetryUnavailable) => void
}

/** Objects of one kind as they are now, kept by list and watch. */
export interface Kept<Seen> {
  /** Rejects with TelemetryUnavailable where they are not known, or may long be otherwise. */
  all(): Promise<readonly Seen[]>
  close(): void
}

interface Reading<Item, Seen> {
  readonly read: (item: Item, before: Seen | undefined) => Seen
  readonly uidOf: (item: Item) => string
}

export function keep<Item, Seen>(
  collection: Collection<Item>,
  { read, uidOf }: Reading<Item, Seen>,
  options: KeptOptions,
): Kept<Seen> {
  const closing = new AbortController()
  const first = Promise.withResolvers<void>()
  let known: Map<string, Seen> | undefined
  let currentAt = 0
  let trouble: TelemetryUnavailable | undefined
  const isStale = () => performance.now() - currentAt > options.staleMs
  const readInto = (seen: Map<string, Seen>, item: Item, before: ReadonlyMap<string, Seen>) =>
    seen.set(uidOf(item), read(item, before.get(uidOf(item))))
  void follow(
    collection,
    {
      onList: (items) => {
        // What happened in a long outage, and when, nobody knows: what was seen before it says nothing of now.
        const before = known === undefined || isStale() ? new Map<string, Seen>() : known
        const listed = new Map<string, Seen>()
        for (const item of items) legibly(() => readInto(listed, item, before))
        known = listed
      },
      onChange: (type, item) =>
        legibly(() => {
          if (type === 'DELETED') known?.delete(uidOf(item))
          else if (known) readInto(known, item, known)
        }),
      onCurrent: () => {
        currentAt = performance.now()
        trouble = undefined
        first.resolve()
      },
      onTrouble: (error) => {
        trouble = explain(error, options.host, collection.name)
        options.onTrouble(trouble)
        first.resolve()
      },
    },
    options.pace,
    closing.signal,
  )
  return {
    all: async () => {
      await withinPatience(first.promise, options.patienceMs)
      if (known && !isStale()) return [...known.values()]
      throw trouble ?? explain(new Error('timeout'), options.host, collection.name)
    },
    close: () => {
      closing.abort()
      first.resolve()
    },
  }
}

function legibly(read: () => void): void {
  try {
    read()
  } catch (error) {
    throw new Malformed(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

async function withinPatience(done: Promise<void>, patienceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs)
  })
  await Promise.race([done, patience])
  clearTimeout(timer)
}
