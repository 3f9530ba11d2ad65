import { integer, jsonb, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { Role, Surface } from '#engine/person.ts'
import type { FormValues } from '#engine/view/form.ts'

export const people = pgTable(
  'people',
  {
    id: uuid('id').primaryKey(),
    surface: text('surface').$type<Surface>().notNull(),
    /** The workspace, tenant or guild: ids are only unique within one. */
    tenant: text('tenant').notNull(),
    externalId: text('external_id').notNull(),
    name: text('name').notNull(),
    role: text('role').$type<Role>().notNull(),
    lastSeenAt: timestamp('last_seen_at', { withTimezone: true }).notNull(),
  },
  (table) => [uniqueIndex('people_identity').on(table.surface, table.tenant, table.externalId)],
)

/** A form being filled in; what travels through a platform is only its id. */
export const formDrafts = pgTable('form_drafts', {
  id: uuid('id').primaryKey(),
  personId: uuid('person_id')
    .notNull()
    .references(() => people.id),
  /** Which form, and what it is about: `rule-create`, `silence` with an incident number, `contact-rule` with a contact. */
  subject: jsonb('subject').$type<FormSubject>().notNull(),
  step: integer('step').notNull(),
  values: jsonb('values').$type<FormValues>().notNull(),
  expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
})

export type FormSubject =
  | { readonly form: 'rule-create' }
  | { readonly form: 'silence'; readonly number: number }
  | { readonly form: 'silence-where' }
  | { readonly form: 'contact-rule'; readonly contactId: string }
