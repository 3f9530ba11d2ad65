import type { Database } from '#db/client.ts'
import { listReceivers } from '#db/repositories/destinations.ts'
import { loadRoutingTree, type ReadyRouting } from '#db/repositories/routings.ts'

export interface Receivers {
  /** Undefined: nobody wrote one, so the receivers are the chats. */
  readonly routing: ReadyRouting | undefined
  readonly names: readonly string[]
}

/** Who is told, by the names Alertmanager's clients see. */
export async function loadReceivers(db: Database, environment: string): Promise<Receivers> {
  const routing = await loadRoutingTree(db, environment)
  return { routing, names: routing ? [...routing.tree.receivers.keys()] : await listReceivers(db) }
}
