import { sql } from 'drizzle-orm'
import { bigint, boolean, index, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { Severity } from '#engine/event.ts'
import type { Condition, ConditionKind } from '#engine/rule/conditions/registry.ts'
import type { RuleTarget, RuleWebhook } from '#engine/rule/bindings.ts'
import type { Policy } from '#engine/rule/rule.ts'

export const environments = pgTable('environments', {
  slug: text('slug').primaryKey(),
  name: text('name').notNull(),
})

export const rules = pgTable(
  'rules',
  {
    id: uuid('id').primaryKey(),
    environment: text('environment')
      .notNull()
      .references(() => environments.slug),
    name: text('name').notNull(),
    description: text('description').notNull(),
    severity: text('severity').$type<Severity>().notNull(),
    conditionKind: text('condition_kind').$type<ConditionKind>().notNull(),
    condition: jsonb('condition').$type<Condition>().notNull(),
    evaluationIntervalSeconds: integer('evaluation_interval_seconds').notNull(),
    forDurationSeconds: integer('for_duration_seconds').notNull(),
    reNotifyMinutes: integer('re_notify_minutes').notNull(),
    webhooks: jsonb('webhooks').$type<RuleWebhook[]>().notNull().default([]),
    targets: jsonb('targets').$type<RuleTarget[]>().notNull().default([]),
    notificationTitleTmpl: text('notification_title_tmpl').notNull(),
    notificationMessageTmpl: text('notification_message_tmpl').notNull(),
    noDataPolicy: text('no_data_policy').$type<Policy>().notNull(),
    errorPolicy: text('error_policy').$type<Policy>().notNull(),
    enabled: boolean('enabled').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    createdBy: text('created_by').notNull(),
    /** Of all rules together, when this one was last changed. */
    revision: bigint('revision', { mode: 'number' }).notNull().default(0),
    /** Its alerts outlive it, and so do its words. */
    deletedAt: timestamp('deleted_at', { withTimezone: true }),
    lastError: text('last_error'),
    /** The first slot since which it got no answer. */
    unansweredSince: timestamp('unanswered_since', { withTimezone: true }),
  },
  (table) => [
    index('rules_revision').on(table.revision),
    index('rules_troubled')
      .on(table.id)
      .where(sql`last_error is not null`),
    index('rules_environment').on(table.environment, table.name),
  ],
)
