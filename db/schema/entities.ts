import { jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { checks } from './alerts.ts'

/** What checks are about, with the ids that provisioning knows them by. Checks and links name them. */
export const entities = pgTable(
  'entities',
  {
    id: text('id').primaryKey(),
    /** The name in lower case: what links, rules and the keys of checks say. */
    key: text('key').notNull(),
    /** As it was written. */
    name: text('name').notNull(),
    /** For people and their tools; routing knows the tags of events alone. */
    tags: jsonb('tags').$type<readonly string[]>().notNull(),
  },
  (table) => [uniqueIndex('entities_key').on(table.key)],
)

/** Beside the checks and not in them, because those are written thousands of times a second. */
export const checkTags = pgTable('check_tags', {
  checkId: uuid('check_id')
    .primaryKey()
    .references(() => checks.id, { onDelete: 'cascade' }),
  tags: jsonb('tags').$type<readonly string[]>().notNull(),
})
