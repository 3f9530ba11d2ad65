import { jsonb, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { Role } from '#engine/person.ts'

/** What programs sign in with, besides the token of the environment. Of each only a hash: it is shown once, when it is made. */
export const apiTokens = pgTable(
  'api_tokens',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    role: text('role').$type<Role>().notNull(),
    /** Slugs; null = the whole house. */
    environments: jsonb('environments').$type<readonly string[]>(),
    /** SHA-256 in hex. */
    hash: text('hash').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    createdBy: text('created_by').notNull(),
  },
  (table) => [uniqueIndex('api_tokens_name').on(table.name), uniqueIndex('api_tokens_hash').on(table.hash)],
)
