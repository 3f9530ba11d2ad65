import { and, asc, eq, getTableColumns, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { sqlState } from '#db/client.ts'
import { Conflict, NotFound } from '#db/errors.ts'
import { hole, selection, statement } from '#db/statement.ts'
import { connections, type SealedSecrets } from '#db/schema/connections.ts'
import { destinations } from '#db/schema/notifications.ts'
import type { SecretBox } from '#db/secrets/secret-box.ts'
import type { OpenConnection, Secrets } from '#engine/connection/connection.ts'
import type { ConnectionDraft } from '#engine/connection/draft.ts'

/** As it is stored: its secrets sealed. */
export type Connection = typeof connections.$inferSelect

export async function listConnections(db: Database): Promise<Connection[]> {
  return db.select().from(connections).orderBy(asc(connections.name))
}

export async function findConnection(db: Database, id: string): Promise<Connection | undefined> {
  const [row] = await byId.run(db, { id })
  return row
}

const whole = selection(getTableColumns(connections))
const byId = statement(
  sql`select ${whole.columns} from ${connections} where ${connections.id} = ${hole('id')}`,
  whole,
)

export async function loadConnection(db: Database, id: string): Promise<Connection> {
  const connection = await findConnection(db, id)
  if (!connection) throw new NotFound(`connection ${id}`)
  return connection
}

/** Throws `Unsealable` where one of its secrets cannot be read. */
export function openConnection(
  box: SecretBox,
  { id, name, kind, settings, secrets }: Connection,
): OpenConnection {
  const opened = Object.entries(secrets).map(
    ([field, { sealed }]) => [field, box.open(sealed, placeOf(id, field))] as const,
  )
  return { id, name, kind, settings, secrets: Object.fromEntries(opened) }
}

interface Change {
  readonly box: SecretBox
  readonly now: Date
}

/** Adds it, and the destination that stands for it in the outbox. */
export async function addConnection(
  db: Database,
  draft: ConnectionDraft,
  { id, createdBy, box, now }: Change & { readonly id: string; readonly createdBy: string },
): Promise<Connection> {
  const { dropped: _none, secrets, ...rest } = draft
  const sealed = sealSecrets({ box, now }, id, secrets, {})
  const row = { ...rest, id, secrets: sealed, createdAt: now, createdBy, updatedAt: now }
  await namesBeingUnique(draft.name, () =>
    db.transaction(async (tx) => {
      await tx.insert(connections).values(row)
      await saveDestination(tx, row)
    }),
  )
  return row
}

/** Refused when somebody else changed it since `before` was read. */
export async function changeConnection(
  db: Database,
  before: Connection,
  draft: ConnectionDraft,
  { box, now }: Change,
): Promise<Connection> {
  const { dropped: _gone, secrets, ...rest } = draft
  const sealed = sealSecrets({ box, now }, before.id, secrets, before.secrets)
  const row = { ...before, ...rest, secrets: sealed, updatedAt: now }
  const isUnchanged = and(eq(connections.id, before.id), eq(connections.updatedAt, before.updatedAt))
  await namesBeingUnique(draft.name, () =>
    db.transaction(async (tx) => {
      const changed = await tx
        .update(connections)
        .set(row)
        .where(isUnchanged)
        .returning({ id: connections.id })
      if (changed.length === 0)
        throw new Conflict(
          'Somebody else changed this connection meanwhile: look at it again, then change it.',
        )
      await saveDestination(tx, row)
    }),
  )
  return row
}

/** Its destination stays, told nothing more: what it was told stays readable. */
export async function removeConnection(db: Database, id: string): Promise<void> {
  await db.transaction(async (tx) => {
    const removed = await tx
      .delete(connections)
      .where(eq(connections.id, id))
      .returning({ id: connections.id })
    if (removed.length === 0) throw new NotFound(`connection ${id}`)
    await tx.update(destinations).set({ active: false }).where(eq(destinations.key, id))
  })
}

/** Seals anew, with the newest key, what an older one sealed → how many secrets no key here opens. */
export async function resealSecrets(db: Database, box: SecretBox): Promise<number> {
  let unreadable = 0
  for (const { id } of await db.select({ id: connections.id }).from(connections)) {
    await db.transaction(async (tx) => {
      const [row] = await tx.select().from(connections).where(eq(connections.id, id)).for('update')
      if (!row) return
      const secrets = Object.entries(row.secrets).map(([field, secret]) => {
        const text = readable(box, secret.sealed, placeOf(id, field))
        if (text === undefined) unreadable++
        const isFine = text === undefined || !box.isOutdated(secret.sealed)
        return [field, isFine ? secret : { ...secret, sealed: box.seal(text, placeOf(id, field)) }] as const
      })
      if (secrets.some(([field, secret]) => secret !== row.secrets[field]))
        await tx
          .update(connections)
          .set({ secrets: Object.fromEntries(secrets) })
          .where(eq(connections.id, id))
    })
  }
  return unreadable
}

function readable(box: SecretBox, sealed: string, place: string): string | undefined {
  try {
    return box.open(sealed, place)
  } catch {
    return undefined
  }
}

/** Those that can be read; the others are as good as gone. */
export function readableSecrets(box: SecretBox, { id, secrets }: Connection): Secrets {
  return Object.fromEntries(
    Object.entries(secrets).flatMap(([field, { sealed }]) => {
      const text = readable(box, sealed, placeOf(id, field))
      return text === undefined ? [] : [[field, text]]
    }),
  )
}

function placeOf(id: string, field: string): string {
  return `connections:${id}:${field}`
}

const longEnoughToShow = 16

/** One that did not change stays as it was sealed, and keeps its date. */
function sealSecrets(
  { box, now }: Change,
  id: string,
  secrets: Secrets,
  before: SealedSecrets,
): SealedSecrets {
  return Object.fromEntries(
    Object.entries(secrets).map(([field, text]) => {
      const known = before[field]
      const place = placeOf(id, field)
      if (known && readable(box, known.sealed, place) === text) return [field, known]
      const last4 = text.length >= longEnoughToShow ? text.slice(-4) : null
      return [field, { sealed: box.seal(text, place), last4, updatedAt: now.toISOString() }]
    }),
  )
}

async function saveDestination(
  db: Database,
  { id, kind, name, enabled }: Pick<Connection, 'id' | 'kind' | 'name' | 'enabled'>,
): Promise<void> {
  const known = { name, address: { connection: id }, active: enabled }
  await db
    .insert(destinations)
    .values({ id: sql`gen_random_uuid()`, surface: kind, key: id, ...known })
    .onConflictDoUpdate({ target: [destinations.surface, destinations.key], set: known })
}

async function namesBeingUnique(name: string, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (error) {
    if (sqlState(error) === '23505')
      throw new Conflict(`There is a connection called ${JSON.stringify(name)} already: choose another name.`)
    throw error
  }
}
