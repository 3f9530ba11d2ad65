import { index, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import type { SignedDoorSettings } from '#engine/intake/signed-door.ts'
import type { SealedSecret } from './connections.ts'

const instant = (name: string) => timestamp(name, { withTimezone: true })

/** Doors for events whose signature is their key. */
export const signedDoors = pgTable('signed_doors', {
  name: text('name').primaryKey(),
  settings: jsonb('settings').$type<SignedDoorSettings>().notNull(),
  /** Sealed for this door; more than one while one is being replaced, newest first. */
  secrets: jsonb('secrets').$type<readonly SealedSecret[]>().notNull(),
  createdBy: text('created_by').notNull(),
  updatedAt: instant('updated_at').notNull(),
})

/** What came through signed doors, so that the same told again does nothing. */
export const heardSignatures = pgTable(
  'heard_signatures',
  {
    door: text('door').notNull(),
    /** A hash of what makes it one of its kind: the sender's id of it, or its signature. */
    mark: text('mark').notNull(),
    heardAt: instant('heard_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.door, table.mark] }),
    index('heard_signatures_age').on(table.heardAt),
  ],
)
