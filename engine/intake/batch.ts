import type { Event } from '#engine/event.ts'
import type { PostedAlert } from '#engine/posted-alert.ts'

/** What one request brought, as a door read it and as it lies in the database until it is decided. */
export type Batch =
  | { readonly source: 'events'; readonly items: readonly Event[] }
  | { readonly source: 'alertmanager'; readonly items: readonly PostedAlert[] }

/** JSON keeps no dates: what was written down comes back as it was accepted. */
export function reviveBatch({ source, items }: Batch): Batch {
  if (source === 'events')
    return { source, items: items.map((event) => ({ ...event, at: new Date(event.at) })) }
  return {
    source,
    items: items.map((alert) => ({
      ...alert,
      startsAt: new Date(alert.startsAt),
      endsAt: new Date(alert.endsAt),
      updatedAt: new Date(alert.updatedAt),
    })),
  }
}
