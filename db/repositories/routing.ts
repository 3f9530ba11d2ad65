import { asc, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { selection, statement } from '#db/statement.ts'
import { contactLinks, contacts, media, notificationRules, routingVersion } from '#db/schema/contacts.ts'
import type { ContactLink } from '#engine/route/contacts.ts'
import {
  compileRouting,
  type Routing,
  type RoutingSettings,
  type RoutingTables,
} from '#engine/route/routing.ts'
import { listCrowdMembers } from './contacts-in-use.ts'

/** The newest, per process: thousands of rules take longer to read and compile than a batch to decide. */
let compiled: { version: string; settings: RoutingSettings; routing: Routing } | undefined

const version = selection({ version: routingVersion.version })
const newest = statement(sql`select ${version.columns} from ${routingVersion}`, version)

/** Who hears of what, as it is now. */
export async function loadRouting(db: Database, settings: RoutingSettings): Promise<Routing> {
  const [row] = await newest.run(db)
  const version = row?.version ?? 'nobody'
  if (compiled?.version === version && compiled.settings === settings) return compiled.routing
  const routing = compileRouting(await loadTables(db), settings)
  compiled = { version, settings, routing }
  return routing
}

async function loadTables(db: Database): Promise<RoutingTables> {
  const [people, ways, rules, links, crowds] = await Promise.all([
    db.select().from(contacts).orderBy(asc(contacts.id)),
    db.select().from(media).orderBy(asc(media.contactId), asc(media.position)),
    db.select().from(notificationRules).orderBy(asc(notificationRules.id)),
    db.select().from(contactLinks).orderBy(asc(contactLinks.id)),
    listCrowdMembers(db),
  ])
  const waysOf = Map.groupBy(ways, (way) => way.contactId)
  return {
    contacts: people.map(({ id, timezone }) => ({
      id,
      timezone,
      media: Object.fromEntries((waysOf.get(id) ?? []).map((way) => [way.name, way])),
    })),
    rules: rules.map(({ id, contactId, definition }) => ({ ...definition, id, contactId })),
    links: links.map(toLink),
    crowds,
  }
}

function toLink({ contactId, leadsTo, subject }: typeof contactLinks.$inferSelect): ContactLink {
  switch (leadsTo) {
    case 'all':
      return { contactId, to: 'all' }
    case 'entity':
      return { contactId, to: 'entity', entity: subject }
    case 'check':
      return { contactId, to: 'check', checkKey: subject }
  }
}
