import { type SQL, sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { Alert } from '#engine/alert.ts'
import type { ClosedByHand, Flapping } from '#engine/check.ts'
import type { Measurement, Severity } from '#engine/event.ts'
import type { Facts } from '#engine/facts.ts'
import type { TimelineEntry, TimelineKind } from '#engine/incident/timeline.ts'
import type { Labels } from '#engine/labels.ts'
import type { Picture } from '#engine/message/message.ts'
import type { Actor } from '#engine/person.ts'
import type { CheckMemory } from '#engine/suppress/check-memory.ts'
import { rules } from './rules.ts'

/**
 * What is written by the thousand refers to its parents without foreign keys: each one costs a look-up and a lock for every
 * row (a fifth of the time of an insert). Parents are made in the same transaction and never removed before their children.
 */
const instant = (name: string) => timestamp(name, { withTimezone: true })

/** The entity in lower case, by the rule the key was made by: PostgreSQL's own `lower` has other ideas beyond ASCII. */
export function entityOfKey(table: { readonly key: AnyPgColumn; readonly name: AnyPgColumn }): SQL<string> {
  return sql`left(${table.key}, length(${table.key}) - length(${table.name}) - 1)`
}

export const checks = pgTable(
  'checks',
  {
    id: uuid('id').primaryKey(),
    environment: text('environment').notNull(),
    key: text('key').notNull(),
    entity: text('entity').notNull(),
    name: text('name').notNull(),
    ruleId: uuid('rule_id').references(() => rules.id, { onDelete: 'set null' }),
    memory: jsonb('memory').$type<CheckMemory>().notNull(),
    closed: jsonb('closed').$type<ClosedByHand>(),
    flapping: jsonb('flapping').$type<Flapping>(),
    /**
     * Its rule while it fails. No index may look into `memory` itself: PostgreSQL would then write all indexes of the table anew with
     * every change of it, which costs three times as much.
     */
    failingRuleId: uuid('failing_rule_id').generatedAlwaysAs(
      sql`case when memory #>> '{lastChange,state}' <> 'ok' then rule_id end`,
    ),
  },
  (table) => [
    uniqueIndex('checks_key').on(table.environment, table.key),
    index('checks_rule').on(table.ruleId),
    // What the evaluator asks at every slot: which rules have something that fails.
    index('checks_failing')
      .on(table.failingRuleId)
      .where(sql`failing_rule_id is not null`),
    index('checks_closed')
      .on(sql`((closed ->> 'reopensAt')::bigint)`)
      .where(sql`closed is not null`),
    index('checks_flapping')
      .on(sql`((flapping ->> 'until')::bigint)`)
      .where(sql`flapping is not null`),
    // Not by the environment first: before the table is counted, a look-up by its key would take this one for as good.
    index('checks_entity').on(entityOfKey(table), table.environment),
  ],
)

export const incidents = pgTable(
  'incidents',
  {
    id: uuid('id').primaryKey(),
    number: integer('number').generatedAlwaysAsIdentity().notNull(),
    environment: text('environment').notNull(),
    openedAt: instant('opened_at').notNull(),
    closedAt: instant('closed_at'),
    /** What its alerts share, while others may join. */
    groupKey: text('group_key'),
    lastJoinedAt: instant('last_joined_at'),
  },
  (table) => [
    uniqueIndex('incidents_number').on(table.number),
    index('incidents_open')
      .on(table.openedAt)
      .where(sql`closed_at is null`),
    index('incidents_closed').on(table.closedAt),
    uniqueIndex('incidents_joinable')
      .on(table.environment, table.groupKey)
      .where(sql`group_key is not null`),
  ],
)

export const alerts = pgTable(
  'alerts',
  {
    id: uuid('id').primaryKey(),
    checkId: uuid('check_id').notNull(),
    incidentId: uuid('incident_id'),
    sharesIncident: boolean('shares_incident').notNull().default(false),
    ruleId: uuid('rule_id').references(() => rules.id, { onDelete: 'set null' }),
    environment: text('environment').notNull(),
    state: text('state').$type<Alert['state']>().notNull(),
    severity: text('severity').$type<Severity>().notNull(),
    title: text('title').notNull(),
    summary: text('summary').notNull(),
    entity: text('entity').notNull(),
    labels: jsonb('labels').$type<Labels>().notNull(),
    measurement: jsonb('measurement').$type<Measurement>(),
    facts: jsonb('facts').$type<Facts>().notNull().default({}),
    startedAt: instant('started_at').notNull(),
    firedAt: instant('fired_at'),
    acknowledgedAt: instant('acknowledged_at'),
    acknowledgedBy: jsonb('acknowledged_by').$type<Actor>(),
    resolvedAt: instant('resolved_at'),
    resolvedBy: jsonb('resolved_by').$type<Actor>(),
    lastNotifiedAt: instant('last_notified_at'),
    picture: jsonb('picture').$type<Picture>(),
  },
  (table) => [
    // One failing episode of a check at a time, whatever workers race.
    uniqueIndex('alerts_one_open_per_check')
      .on(table.checkId)
      .where(sql`state <> 'RESOLVED'`),
    index('alerts_incident').on(table.incidentId),
    // Read backwards. Said to be descending, Drizzle would put nulls last, and who asks for the newest first asks for another order.
    index('alerts_page').on(table.environment, table.startedAt, table.id),
  ],
)

export const timeline = pgTable(
  'timeline',
  {
    id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
    incidentId: uuid('incident_id').notNull(),
    at: instant('at').notNull(),
    actor: jsonb('actor').$type<Actor>().notNull(),
    kind: text('kind').$type<TimelineKind>().notNull(),
    details: jsonb('details').$type<TimelineEntry['details']>().notNull(),
  },
  (table) => [index('timeline_incident').on(table.incidentId, table.id)],
)
