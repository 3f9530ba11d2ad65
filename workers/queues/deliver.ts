import { z } from 'zod'
import { integrationKinds, type Medium } from '#engine/medium.ts'
import type { Surface } from '#engine/person.ts'
import { defineQueue, type QueueDefinition } from './queue.ts'

interface Delivery {
  readonly notificationId: string
}

/**
 * One notification to one destination; the row says what, and counts the attempts; a job that fails is swept up. A queue
 * for each chat: whoever waits for a vendor that hangs then keeps waiting only what is meant for that vendor.
 */
const integrations = deliveryTo('connections')

export const deliveries: ReadonlyMap<Medium, QueueDefinition<Delivery>> = new Map<
  Medium,
  QueueDefinition<Delivery>
>([
  ...(['local', 'slack', 'teams', 'discord'] as const).map(
    (surface) => [surface, deliveryTo(surface)] as const,
  ),
  ...integrationKinds.map((kind) => [kind, integrations] as const),
])

function deliveryTo(surface: Surface | 'connections'): QueueDefinition<Delivery> {
  return defineQueue({
    name: `deliver-${surface}`,
    payload: z.object({ notificationId: z.uuid() }),
    attempts: 1,
    // A delivery holds a database connection while it waits for the vendor; all of them together must leave some free.
    concurrency: surface === 'local' ? 4 : 3,
  })
}
