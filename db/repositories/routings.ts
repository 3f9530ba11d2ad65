import { randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { Conflict } from '#db/errors.ts'
import { hole, selection, statement } from '#db/statement.ts'
import { routings } from '#db/schema/dispatch.ts'
import { holdIntake } from './batches.ts'
import { regroup } from './regroup.ts'
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

const revision = selection({ revision: routings.revision })
const revisionOf = statement(
  sql`select ${revision.columns} from ${routings} where ${routings.environment} = ${hole('environment')}`,
  revision,
)

/** Undefined: nobody wrote one, so every chat hears of everything. */
export async function loadRoutingTree(db: Database, environment: string): Promise<ReadyRouting | undefined> {
  const [current] = await revisionOf.run(db, { environment })
  if (!current) return undefined
  const known = ready.get(environment)
  if (known?.revision === current.revision) return known
  const [row] = await db.select().from(routings).where(eq(routings.environment, environment))
  if (!row) return undefined
  const made = makeReady(environment, row)
  ready.set(environment, made)
  return made
}

function makeReady(
  environment: string,
  { document, revision }: Pick<ReadyRouting, 'document' | 'revision'>,
): ReadyRouting {
  const read = readRouting(document)
  if ('problems' in read) throw new Error(`the routing of ${environment} cannot be read: write it anew`)
  const { tree } = read
  return { revision, document, tree, findRoutes: routeFinder(tree.root), isQuiet: quietGroups(tree) }
}

/** What fires is told by it from now on. `basedOn`: the revision it is a change of, null = of none; another one is a Conflict. */
export async function saveRouting(
  db: Database,
  environment: string,
  document: RoutingDocument,
  { now, basedOn }: { readonly now: Date; readonly basedOn?: string | null },
): Promise<void> {
  const revision = randomUUID()
  await db.transaction(async (tx) => {
    // What is decided meanwhile would still go where the old one says.
    await holdIntake(tx)
    if (basedOn !== undefined && basedOn !== (await findRevision(tx, environment)))
      throw new Conflict('Somebody else has just changed the routing. Look at it again, then try again.')
    await tx
      .insert(routings)
      .values({ environment, document, revision })
      .onConflictDoUpdate({ target: routings.environment, set: { document, revision } })
    const { tree, findRoutes } = makeReady(environment, { document, revision })
    await regroup(tx, environment, { findRoutes, receivers: tree.receivers }, now)
  })
}

async function findRevision(db: Database, environment: string): Promise<string | null> {
  const isHere = eq(routings.environment, environment)
  const [row] = await db.select({ revision: routings.revision }).from(routings).where(isHere)
  return row?.revision ?? null
}

/** Every chat hears of everything again, and no webhook of anything. */
export async function removeRouting(db: Database, environment: string, now: Date): Promise<boolean> {
  return db.transaction(async (tx) => {
    await holdIntake(tx)
    const removed = await tx
      .delete(routings)
      .where(eq(routings.environment, environment))
      .returning({ environment: routings.environment })
    await regroup(tx, environment, undefined, now)
    return removed.length > 0
  })
}
