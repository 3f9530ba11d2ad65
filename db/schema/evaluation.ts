import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import type { ConditionKind } from '#engine/rule/conditions/registry.ts'
import type { GapReason } from '#engine/rule/gap.ts'
import type { RingCheckOutcome } from '#engine/telemetry/ring-check.ts'
import type { Store } from '#engine/telemetry/telemetry.ts'

const instant = (name: string) => timestamp(name, { withTimezone: true })
const counter = (name: string) => bigint(name, { mode: 'number' }).notNull().default(0)

/** One row: grows with every change of a rule, in its transaction, so that a process knows which it has yet to learn. */
export const ruleRevisions = pgTable('rule_revisions', {
  part: text('part').primaryKey(),
  revision: bigint('revision', { mode: 'number' }).notNull(),
})

/** One row: the newest slot that a ticker of this deployment saw. */
export const evaluationClock = pgTable('evaluation_clock', {
  part: text('part').primaryKey(),
  tickedAt: instant('ticked_at').notNull(),
})

/**
 * Rules that look at the same relation are evaluated together, and this is how far they are. The slot is offered by the
 * ticker, claimed by one worker, and committed in the transaction that keeps what was decided.
 */
export const evaluationShards = pgTable('evaluation_shards', {
  shard: text('shard').primaryKey(),
  offeredSlot: instant('offered_slot').notNull(),
  /** How many slots were offered since one was claimed; all but the newest are superseded. */
  offers: integer('offers').notNull(),
  claimedSlot: instant('claimed_slot'),
  committedSlot: instant('committed_slot'),
  /** Rules changed after this one were not evaluated yet as they are now. */
  revision: bigint('revision', { mode: 'number' }).notNull().default(0),
  /** The newest stretch in which nothing was evaluated: after the first instant, until the second. */
  gapFrom: instant('gap_from'),
  gapTo: instant('gap_to'),
  /** Some of its rules got no answer, and are asked for again sooner than their interval says. */
  isTroubled: boolean('is_troubled').notNull().default(false),
  /** The store it could not ask, at its newest slot. */
  troubledStore: text('troubled_store').$type<Store>(),
  superseded: counter('superseded'),
  missed: counter('missed'),
  lagMs: integer('lag_ms').notNull().default(0),
})

export const evaluationGaps = pgTable(
  'evaluation_gaps',
  {
    id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
    shard: text('shard').notNull(),
    after: instant('after').notNull(),
    until: instant('until').notNull(),
    missed: integer('missed').notNull(),
    reason: text('reason').$type<GapReason>().notNull(),
  },
  (table) => [index('evaluation_gaps_recent').on(table.until, table.id)],
)

/** What became of the evaluations of each kind, counted where all workers count; and its circuit breaker. */
export const evaluationKinds = pgTable('evaluation_kinds', {
  kind: text('kind').$type<ConditionKind>().primaryKey(),
  answered: counter('answered'),
  unanswered: counter('unanswered'),
  skipped: counter('skipped'),
  batches: counter('batches'),
  seconds: doublePrecision('seconds').notNull().default(0),
  /** Of the batches those that took at most so long, for each bound of the histogram. */
  batchesWithin: jsonb('batches_within').$type<readonly number[]>().notNull(),
  opened: counter('opened'),
  /** When it failed lately, as instants in ms. */
  failures: jsonb('failures').$type<readonly number[]>().notNull(),
  openUntil: instant('open_until'),
})

/** How often what workers remember of telemetry was compared with the store, and how it went. */
export const ringChecks = pgTable(
  'ring_checks',
  {
    shard: text('shard').notNull(),
    outcome: text('outcome').$type<RingCheckOutcome>().notNull(),
    checks: counter('checks'),
  },
  (table) => [primaryKey({ columns: [table.shard, table.outcome] })],
)
