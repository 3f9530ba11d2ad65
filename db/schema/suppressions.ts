import { sql } from 'drizzle-orm'
import { index, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { Matcher } from '#engine/matcher.ts'
import type { Actor } from '#engine/person.ts'
import type { AnnouncementDetails, AnnouncementKind } from '#engine/suppress/announcement.ts'
import type { SilenceState } from '#engine/suppress/silence-schedule.ts'
import type { Recurrence } from '#engine/suppress/recurrence.ts'
import type { Silence } from '#engine/suppress/silence.ts'
import { environments } from './rules.ts'

export const silences = pgTable(
  'silences',
  {
    id: uuid('id').primaryKey(),
    environment: text('environment')
      .notNull()
      .references(() => environments.slug),
    matchers: jsonb('matchers').$type<Silence['matchers']>().notNull(),
    startsAt: timestamp('starts_at', { withTimezone: true }).notNull(),
    endsAt: timestamp('ends_at', { withTimezone: true }).notNull(),
    reason: text('reason').notNull(),
    createdBy: jsonb('created_by').$type<Actor>().notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
    recurrence: jsonb('recurrence').$type<Recurrence>(),
    /** The incident it was made from, whose messages tell of it; null = it is announced for itself. */
    incidentId: uuid('incident_id'),
    /** As it was when everybody concerned was last told. */
    phase: text('phase').$type<SilenceState>().notNull().default('expired'),
    /** When it begins or ends next; null = never again. */
    turnsAt: timestamp('turns_at', { withTimezone: true }),
  },
  (table) => [
    index('silences_in_force').on(table.environment, table.endsAt),
    index('silences_turning')
      .on(table.turnsAt)
      .where(sql`turns_at is not null`),
  ],
)

/** While a source fires, targets that agree with it on all of `equal` are kept quiet. */
export const inhibitionRules = pgTable(
  'inhibition_rules',
  {
    id: uuid('id').primaryKey(),
    environment: text('environment')
      .notNull()
      .references(() => environments.slug),
    name: text('name').notNull(),
    source: jsonb('source').$type<readonly Matcher[]>().notNull(),
    target: jsonb('target').$type<readonly Matcher[]>().notNull(),
    equal: jsonb('equal').$type<readonly string[]>().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  },
  (table) => [index('inhibition_rules_environment').on(table.environment, table.createdAt, table.id)],
)

/** Whether everybody was told that a maintenance began or ended, and what it had kept back was looked at. */
export const maintenanceTurns = pgTable(
  'maintenance_turns',
  {
    maintenanceId: uuid('maintenance_id').primaryKey(),
    phase: text('phase').$type<SilenceState>().notNull(),
    turnsAt: timestamp('turns_at', { withTimezone: true }),
    followedAt: timestamp('followed_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    index('maintenance_turns_due')
      .on(table.turnsAt)
      .where(sql`turns_at is not null`),
  ],
)

/** What everybody is told beside alerts: one thing that happened to one silence or maintenance, or a test. */
export const announcements = pgTable(
  'announcements',
  {
    id: uuid('id').primaryKey(),
    environment: text('environment')
      .notNull()
      .references(() => environments.slug),
    /** What it is about, as `silence/<id>`, `maintenance/<id>`, `test/<id>`: one living message at each destination. */
    subject: text('subject').notNull(),
    kind: text('kind').$type<AnnouncementKind>().notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
    actor: jsonb('actor').$type<Actor>().notNull(),
    details: jsonb('details').$type<AnnouncementDetails>().notNull(),
  },
  (table) => [
    index('announcements_subject').on(table.subject, table.at),
    index('announcements_recent').on(table.environment, table.at),
  ],
)

/** Changes with every change of silences and inhibition rules, so that a process knows whether those it made ready still hold. */
export const silenceRevisions = pgTable('silence_revisions', {
  environment: text('environment')
    .primaryKey()
    .references(() => environments.slug),
  revision: uuid('revision').notNull(),
})
