import { randomUUID } from 'node:crypto'
import { and, eq, inArray, or, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { recordSet, textRecords } from '#db/record-set.ts'
import { NotFound, quoteNames } from '#db/errors.ts'
import { checks, entityOfKey } from '#db/schema/alerts.ts'
import { entities } from '#db/schema/entities.ts'
import { type Check, unseenCheck } from '#engine/check.ts'
import { lockChecks } from './checks.ts'
import { discoverEntities } from './entities.ts'

/** Checks that people speak of: one by one as `entity:check`, or all of an entity by its name. */
export interface CheckTargets {
  readonly environment: string
  readonly checks: readonly string[]
  readonly entities: readonly string[]
}

/**
 * The checks meant, locked until the transaction ends. Throws NotFound, which names everything that is missing. With
 * `unseen: 'store'` a check that was never seen is stored, as long as its entity is known.
 */
export async function holdTargets(
  tx: Database,
  targets: CheckTargets,
  unseen: 'store' | 'refuse',
): Promise<Check[]> {
  const { environment } = targets
  const named = new Map(targets.checks.map((id) => [keyOfId(id), id]))
  const entityNames = [...new Set(targets.entities.map((name) => name.toLowerCase()))]
  await requireEntities(tx, entityNames)
  await judgeUnseen(tx, { environment, named, unseen })
  return lockChecks(
    tx,
    and(
      eq(checks.environment, environment),
      or(inArray(checks.key, [...named.keys()]), inArray(entityOfKey(checks), entityNames)),
    ),
  )
}

/** `Web-1:HTTP` → `web-1:HTTP`: an id is the key of its check, whatever the case of the entity. */
export function keyOfId(id: string): string {
  const { entity, name } = partsOfId(id)
  return `${entity.toLowerCase()}:${name}`
}

function partsOfId(id: string): { entity: string; name: string } {
  const colon = id.indexOf(':')
  return colon < 0 ? { entity: id, name: '' } : { entity: id.slice(0, colon), name: id.slice(colon + 1) }
}

async function requireEntities(tx: Database, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  await discoverEntities(tx)
  const known = await tx
    .select({ key: entities.key })
    .from(entities)
    .where(inArray(entities.key, [...names]))
  const found = new Set(known.map(({ key }) => key))
  const missing = names.filter((name) => !found.has(name))
  if (missing.length > 0) throw new NotFound(`entity ${quoteNames(missing)}`)
}

interface NamedChecks {
  readonly environment: string
  /** Ids by key. */
  readonly named: ReadonlyMap<string, string>
  readonly unseen: 'store' | 'refuse'
}

async function judgeUnseen(tx: Database, { environment, named, unseen: wish }: NamedChecks): Promise<void> {
  if (named.size === 0) return
  const places = [...named.keys()].map((key) => ({ key }))
  const known = await tx
    .select({ key: checks.key })
    .from(checks)
    .innerJoin(
      textRecords('wanted', ['key'], places),
      sql`${checks.environment} = ${environment} and wanted.key = ${checks.key}`,
    )
  const found = new Set(known.map(({ key }) => key))
  const unseen = [...named].filter(([key]) => !found.has(key))
  if (unseen.length === 0) return
  if (wish === 'refuse') throw new NotFound(`check ${quoteNames(unseen.map(([, id]) => id))}`)
  const malformed = unseen.map(([, id]) => id).filter((id) => !/^[^:]+:./su.test(id))
  if (malformed.length > 0)
    throw new NotFound(`check ${quoteNames(malformed)}; a check is named entity:check`)
  await requireEntities(tx, [...new Set(unseen.map(([, id]) => partsOfId(id).entity.toLowerCase()))])
  const fresh = unseen
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, id]) => unseenCheck({ id: randomUUID(), environment, key, ...partsOfId(id) }))
  await tx.insert(checks).select(recordSet(checks, fresh)).onConflictDoNothing()
}
