import { boolean, index, jsonb, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { ConnectionTestResult } from '#engine/connection/test-result.ts'
import type { IntegrationKind } from '#engine/medium.ts'

const instant = (name: string) => timestamp(name, { withTimezone: true })

/** Outbound integrations. Each is also a destination, with its kind as surface and its id as key. */
export const connections = pgTable(
  'connections',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    kind: text('kind').$type<IntegrationKind>().notNull(),
    settings: jsonb('settings').$type<object>().notNull(),
    /** By field; each sealed for this row and this field alone. */
    secrets: jsonb('secrets').$type<SealedSecrets>().notNull(),
    /** Where it leads, as far as everybody may know. */
    host: text('host'),
    /** Slugs of the environments whose rules may name it; none = all. */
    allowedEnvironments: jsonb('allowed_environments').$type<readonly string[]>().notNull(),
    enabled: boolean('enabled').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [uniqueIndex('connections_name').on(table.name)],
)

export type SealedSecrets = Readonly<Record<string, SealedSecret>>

export interface SealedSecret {
  readonly sealed: string
  /** To tell one from another; only of long ones. */
  readonly last4: string | null
  /** ISO 8601. */
  readonly updatedAt: string
}

/** Somebody pressed Test: the workers send, because they alone call out, and write down what came of it. */
export const connectionTests = pgTable(
  'connection_tests',
  {
    id: uuid('id').primaryKey(),
    connectionId: uuid('connection_id')
      .notNull()
      .references(() => connections.id, { onDelete: 'cascade' }),
    requestedAt: instant('requested_at').notNull(),
    requestedBy: text('requested_by').notNull(),
    /** null while nobody has tried it. */
    result: jsonb('result').$type<ConnectionTestResult>(),
  },
  (table) => [index('connection_tests_connection').on(table.connectionId, table.requestedAt)],
)
