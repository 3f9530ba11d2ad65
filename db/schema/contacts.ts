import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { ContactLink } from '#engine/route/contacts.ts'
import type { NotificationRule } from '#engine/route/rules.ts'
import type { CrowdMember } from '#engine/route/targets.ts'
import { connections } from './connections.ts'

/** People and teams who can be reached outside of the chat. Their ids are given from outside (Flapjack's provisioning). */
export const contacts = pgTable('contacts', {
  id: text('id').primaryKey(),
  /** An IANA zone; null = the house's own. */
  timezone: text('timezone'),
  firstName: text('first_name'),
  lastName: text('last_name'),
  /** Who somebody is; where alerts go is a medium. */
  email: text('email'),
})

export const media = pgTable(
  'media',
  {
    contactId: text('contact_id')
      .notNull()
      .references(() => contacts.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    /** In this order alerts are decided. */
    position: integer('position').notNull(),
    /** Where the rest of it is a secret, as much as everybody may see. */
    address: text('address').notNull(),
    intervalSeconds: integer('interval_seconds'),
    rollupThreshold: integer('rollup_threshold'),
    /** What the address stands for where it is a secret: a key of PagerDuty, the URL of a webhook. */
    secret: text('secret'),
  },
  (table) => [primaryKey({ columns: [table.contactId, table.name] })],
)

/** Which connection carries a type of medium for all contacts: their mail goes out by this mail server. */
export const mediaCarriers = pgTable('media_carriers', {
  type: text('type').primaryKey(),
  connectionId: uuid('connection_id')
    .notNull()
    .references(() => connections.id, { onDelete: 'cascade' }),
})

export const notificationRules = pgTable(
  'notification_rules',
  {
    id: text('id').primaryKey(),
    contactId: text('contact_id')
      .notNull()
      .references(() => contacts.id, { onDelete: 'cascade' }),
    definition: jsonb('definition').$type<Omit<NotificationRule, 'id' | 'contactId'>>().notNull(),
  },
  (table) => [index('notification_rules_contact').on(table.contactId)],
)

/** What contacts listen to, oldest link first. */
export const contactLinks = pgTable(
  'contact_links',
  {
    id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
    contactId: text('contact_id')
      .notNull()
      .references(() => contacts.id, { onDelete: 'cascade' }),
    leadsTo: text('leads_to').$type<ContactLink['to']>().notNull(),
    /** The entity's name in lower case, or the key of the check; empty for everything. */
    subject: text('subject').notNull(),
  },
  (table) => [uniqueIndex('contact_links_place').on(table.contactId, table.leadsTo, table.subject)],
)

/** Contacts who are named together, by a group or by a role of theirs. There is one as long as somebody is in it. */
export const crowdMembers = pgTable(
  'crowd_members',
  {
    kind: text('kind').$type<CrowdMember['kind']>().notNull(),
    name: text('name').notNull(),
    contactId: text('contact_id')
      .notNull()
      .references(() => contacts.id, { onDelete: 'cascade' }),
  },
  (table) => [
    primaryKey({ columns: [table.kind, table.name, table.contactId] }),
    index('crowd_members_contact').on(table.contactId),
  ],
)

/** Changes with everything above, so that each process knows when what it compiled is no longer true. */
export const routingVersion = pgTable(
  'routing_version',
  { only: integer('only').primaryKey(), version: uuid('version').notNull() },
  (table) => [check('routing_version_is_one', sql`${table.only} = 1`)],
)
