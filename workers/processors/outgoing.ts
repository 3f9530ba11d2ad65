import type { NotificationRow, Queued } from '#db/repositories/notifications.ts'
import type { FreshNews } from './fresh-news.ts'

/** What was written to be told, as whoever tells it may know it without reading. */
export interface Outgoing {
  readonly destinationIds: readonly string[]
  /** Where something is to be told that is not here. */
  readonly toRead: ReadonlySet<string>
  readonly fresh: readonly FreshNews[]
}

export const nothingGoesOut: Outgoing = { destinationIds: [], toRead: new Set(), fresh: [] }

export function outgoingOf(
  queued: readonly (Queued | NotificationRow)[],
  fresh: readonly FreshNews[],
): Outgoing {
  const here = new Set(fresh.flatMap(({ parcel }) => parcel.unsaid.map(({ id }) => id)))
  const others = queued.filter(({ id }) => !here.has(id))
  return {
    destinationIds: [...new Set(queued.map(({ destinationId }) => destinationId))],
    toRead: new Set(others.map(({ destinationId }) => destinationId)),
    fresh,
  }
}

export function allOutgoing(some: readonly Outgoing[]): Outgoing {
  return {
    destinationIds: [...new Set(some.flatMap(({ destinationIds }) => destinationIds))],
    toRead: new Set(some.flatMap(({ toRead }) => [...toRead])),
    fresh: some.flatMap(({ fresh }) => fresh),
  }
}
