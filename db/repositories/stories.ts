import { asc, eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { checks, incidents, timeline } from '#db/schema/alerts.ts'
import { numberReminders } from '#engine/incident/reminders.ts'
import { type Incident, type IncidentStory, suppressionOf, worstAlert } from '#engine/incident/incident.ts'
import type { TimelineEntry } from '#engine/incident/timeline.ts'
import type { Wording } from '#engine/message/wording.ts'
import type { Suppressions } from '#engine/suppress/suppression.ts'
import { listAlertsOf, withTheirAlerts } from './incident-alerts.ts'
import { type Standing, withStanding } from './incidents.ts'
import { loadWordings } from './rules.ts'
import { loadSuppressions } from './suppressions.ts'

export async function findStoryByNumber(
  db: Database,
  number: number,
  now: Date,
): Promise<IncidentStory | undefined> {
  const [row] = await db.select({ id: incidents.id }).from(incidents).where(eq(incidents.number, number))
  return row && (await loadStories(db, [row.id], now)).get(row.id)
}

/** Everything that messages about these incidents need, by id; a few questions however many they are. */
export async function loadStories(
  db: Database,
  ids: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, IncidentStory>> {
  if (ids.length === 0) return new Map()
  const wanted = sql`any(${textArray(ids)}::uuid[])`
  const [rows, alertRows, entries] = await Promise.all([
    db
      .select()
      .from(incidents)
      .where(sql`${incidents.id} = ${wanted}`),
    listAlertsOf(db, ids),
    db
      .select()
      .from(timeline)
      .where(sql`${timeline.incidentId} = ${wanted}`)
      .orderBy(asc(timeline.id)),
  ])
  const found = withTheirAlerts(rows, alertRows)
  const [circumstances, standings] = await Promise.all([
    loadCircumstances(db, found, now),
    listStandings(db, found),
  ])
  const entriesOf = Map.groupBy(entries, ({ incidentId }) => incidentId)
  const stories = found.map((incident) =>
    storyOf(withStanding(incident, standings), entriesOf.get(incident.id) ?? [], circumstances),
  )
  return new Map(stories.map((story) => [story.incident.id, story]))
}

/** What messages about incidents depend on besides what happened to them. */
export interface Circumstances {
  /** Of rules, by id. */
  readonly wordings: ReadonlyMap<string, Wording>
  readonly suppressions: Suppressions
}

export async function loadCircumstances(
  db: Database,
  found: readonly Incident[],
  now: Date,
): Promise<Circumstances> {
  const [wordings, suppressions] = await Promise.all([
    loadWordings(
      db,
      found.flatMap((incident) => worstAlert(incident).ruleId ?? []),
    ),
    loadSuppressions(
      db,
      found.flatMap((incident) => incident.alerts),
      now,
    ),
  ])
  return { wordings, suppressions }
}

export function storyOf(
  incident: Incident,
  entries: readonly TimelineEntry[],
  { wordings, suppressions }: Circumstances,
): IncidentStory {
  const wording = wordings.get(worstAlert(incident).ruleId ?? '')
  return {
    incident,
    timeline: numberReminders(entries),
    suppression: suppressionOf(incident, suppressions),
    ...(wording && { wording }),
  }
}

function listStandings(db: Database, found: readonly Incident[]): Promise<Standing[]> {
  const ids = textArray(found.flatMap(({ alerts }) => alerts.map(({ checkId }) => checkId)))
  return db
    .select({ closed: checks.closed, flapping: checks.flapping })
    .from(checks)
    .where(
      sql`${checks.id} = any(${ids}::uuid[])
        and (${checks.closed} is not null or ${checks.flapping} is not null)`,
    )
}
