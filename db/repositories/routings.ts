import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { routings } from '#db/schema/dispatch.ts'
import { type IsQuiet, quietGroups } from '#engine/dispatch/muted.ts'
import { readRouting, type RoutingDocument } from '#engine/dispatch/read-routing.ts'
import { type RouteFinder, routeFinder, type RoutingTree } from '#engine/dispatch/routing-tree.ts'

export interface ReadyRouting {
  readonly revision: string
  readonly document: RoutingDocument
  readonly tree: RoutingTree
  readonly findRoutes: RouteFinder
  readonly isQuiet: IsQuiet
}

/** By environment; compiled once for every change of it. A revision is random, so no other database can have the same. */
const ready = new Map<string, ReadyRouting>()

/** Undefined: nobody wrote one, so every chat hears of everything. */
export async function loadRoutingTree(db: Database, environment: string): Promise<ReadyRouting | undefined> {
  const isHere = eq(routings.environment, environment)
  const [current] = await db.select({ revision: routings.revision }).from(routings).where(isHere)
  if (!current) return undefined
  const known = ready.get(environment)
  if (known?.revision === current.revision) return known
  const [row] = await db.select().from(routings).where(isHere)
  if (!row) return undefined
  const read = readRouting(row.document)
  if ('problems' in read) throw new Error(`the routing of ${environment} cannot be read: write it anew`)
  const { document, revision } = row
  const { tree } = read
  const made = { revision, document, tree, findRoutes: routeFinder(tree.root), isQuiet: quietGroups(tree) }
  ready.set(environment, made)
  return made
}

/** What is grouped already stays in its groups until they are empty. */
export async function saveRouting(
  db: Database,
  environment: string,
  document: RoutingDocument,
): Promise<void> {
  const revision = randomUUID()
  await db
    .insert(routings)
    .values({ environment, document, revision })
    .onConflictDoUpdate({ target: routings.environment, set: { document, revision } })
}

/** Every chat hears of everything again. */
export async function removeRouting(db: Database, environment: string): Promise<boolean> {
  const removed = await db
    .delete(routings)
    .where(eq(routings.environment, environment))
    .returning({ environment: routings.environment })
  return removed.length > 0
}
