import type { Event } from '#engine/event.ts'
import type { PostedAlert } from '#engine/posted-alert.ts'

/** What one request brought, as a door read it and as it lies in the database until it is decided. */
export type Batch =
  | { readonly source: 'events'; readonly items: readonly Event[] }
  | { readonly source: 'alertmanager'; readonly items: readonly PostedAlert[] }

/** JSON keeps no dates: what was written down comes back as it was accepted. */
export function reviveBatch(batch: Batch): Batch {
  if (batch.source === 'events') return batch
  return {
    source: batch.source,
    items: batch.items.map((alert) => ({
      ...alert,
      startsAt: new Date(alert.startsAt),
      endsAt: new Date(alert.endsAt),
      updatedAt: new Date(alert.updatedAt),
    })),
  }
}
