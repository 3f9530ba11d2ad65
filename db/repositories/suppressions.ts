import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { alerts, incidents } from '#db/schema/alerts.ts'
import { type Alert, alertLabels } from '#engine/alert.ts'
import { fingerprint } from '#engine/fingerprint.ts'
import { labelValue, type Labels } from '#engine/labels.ts'
import { indexMatchers } from '#engine/matcher-index.ts'
import { type FiringSource, type InhibitionRule, inhibitions } from '#engine/suppress/inhibition.ts'
import { silencedNow } from '#engine/suppress/silences-in-force.ts'
import type { Inhibitor, Suppression, Suppressions } from '#engine/suppress/suppression.ts'
import { allOf, anyOf, hasOneOf, mayMatch } from './label-filter.ts'
import { loadQuiet } from './quiet.ts'

type Suppressible = Pick<
  Alert,
  'id' | 'environment' | 'labels' | 'checkId' | 'entity' | 'severity' | 'ruleId'
>

/** What an inhibited alert waits for is noticed by the sweeper; this often it is looked at again in any case. */
const secondLookMs = 300_000

/**
 * What keeps these alerts quiet at `now`, silences before inhibitions. Whatever their number: one question for the
 * silences and rules of each environment, and one for sources where a rule has one of these alerts for a target.
 */
export async function loadSuppressions(
  db: Database,
  wanted: readonly Suppressible[],
  now: Date,
): Promise<Suppressions> {
  const suppressions = new Map<string, Suppression>()
  for (const [environment, some] of Map.groupBy(wanted, (alert) => alert.environment)) {
    const { inForce, inhibitionRules } = await loadQuiet(db, environment, now)
    const speaking: { id: string; labels: Labels }[] = []
    for (const alert of some) {
      const labels = alertLabels(alert)
      const silence = silencedNow(inForce, labels, now)
      if (silence) suppressions.set(alert.id, { kind: 'silence', silence, until: silence.endsAt })
      else speaking.push({ id: alert.id, labels })
    }
    const { inhibitorOf } = await loadInhibitors(db, { environment, rules: inhibitionRules }, speaking)
    const until = new Date(now.getTime() + secondLookMs)
    for (const { id, labels } of speaking) {
      const inhibitor = inhibitorOf(labels)
      if (inhibitor) suppressions.set(id, { kind: 'inhibition', inhibitor: inhibitor.alert, until })
    }
  }
  return suppressions
}

interface Source {
  /** Many alerts have no labels, and so one fingerprint: the alert's id tells them apart. */
  readonly key: string
  readonly fingerprint: string
  readonly labels: Labels
  readonly alert: Inhibitor
}

interface Inhibitors {
  readonly inhibitorOf: (labels: Labels) => Source | undefined
}

interface RulesOf {
  readonly environment: string
  readonly rules: readonly InhibitionRule[]
  /** What fires and is in no row yet. */
  readonly unstored?: readonly FiringSource[]
}

const nobody: Inhibitors = { inhibitorOf: () => undefined }

/** Asks for nothing where no rule has any of these for a target. */
export async function loadInhibitors(
  db: Database,
  { environment, rules, unstored = [] }: RulesOf,
  targets: readonly { readonly labels: Labels }[],
): Promise<Inhibitors> {
  if (rules.length === 0 || targets.length === 0) return nobody
  const byTarget = indexMatchers(rules.map((rule) => ({ rule, matchers: rule.target })))
  const aimed = new Map<InhibitionRule, Labels[]>()
  for (const { labels } of targets) {
    for (const { rule } of byTarget.find(labels)) {
      const known = aimed.get(rule)
      if (known) known.push(labels)
      else aimed.set(rule, [labels])
    }
  }
  if (aimed.size === 0) return nobody
  const stored = await listSources(db, environment, aimed)
  const sources = new Map([...unstored.map(anonymous), ...stored].map((source) => [source.key, source]))
  const firing = [...sources.values()].map(({ key, labels }) => ({ fingerprint: key, labels }))
  const { inhibitorOf } = inhibitions([...aimed.keys()], firing)
  return {
    inhibitorOf: (labels) => {
      const found = inhibitorOf(labels)
      return found === undefined ? undefined : sources.get(found)
    },
  }
}

function anonymous(source: FiringSource): Source {
  return { ...source, key: source.fingerprint, alert: { alertId: '', number: null, title: '' } }
}

/** Everything that fires and could be a source of one of these rules for one of its targets; the engine has the last word. */
async function listSources(
  db: Database,
  environment: string,
  aimed: ReadonlyMap<InhibitionRule, readonly Labels[]>,
): Promise<Source[]> {
  const mayBeSource = [...aimed].map(([rule, targets]) => couldInhibit(rule, targets))
  const rows = await db
    .select({ alert: alerts, number: incidents.number })
    .from(alerts)
    .leftJoin(incidents, eq(incidents.id, alerts.incidentId))
    .where(
      and(
        eq(alerts.environment, environment),
        // Said twice for the planner, which knows a partial index by its very words.
        sql`${alerts.state} <> 'RESOLVED'`,
        eq(alerts.state, 'FIRING'),
        anyOf(mayBeSource),
      ),
    )
  return rows.map(({ alert, number }) => ({
    key: `${fingerprint(alert.labels)} ${alert.id}`,
    fingerprint: fingerprint(alert.labels),
    labels: alertLabels(alert),
    alert: { alertId: alert.id, number, title: alert.title },
  }))
}

function couldInhibit(rule: InhibitionRule, targets: readonly Labels[]): SQL {
  const agrees = rule.equal.map((name) =>
    hasOneOf(
      name,
      targets.map((labels) => labelValue(labels, name)),
    ),
  )
  return allOf([mayMatch(rule.source), ...agrees])
}
