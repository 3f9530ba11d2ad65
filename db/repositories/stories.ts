import { asc, eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { checks, incidents, timeline } from '#db/schema/alerts.ts'
import { numberReminders } from '#engine/incident/reminders.ts'
import { type Incident, type IncidentStory, suppressionOf, worstAlert } from '#engine/incident/incident.ts'
import { type IncidentRow, type Standing, withAlerts, withStanding } from './incidents.ts'
import { loadWordings } from './rules.ts'
import { loadSuppressions } from './suppressions.ts'

export async function findStoryByNumber(
  db: Database,
  number: number,
  now: Date,
): Promise<IncidentStory | undefined> {
  const rows = await db.select().from(incidents).where(eq(incidents.number, number))
  const [story] = await tellStories(db, rows, now)
  return story
}

/** Everything that messages about these incidents need, by id; a few questions however many they are. */
export async function loadStories(
  db: Database,
  ids: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, IncidentStory>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .select()
    .from(incidents)
    .where(sql`${incidents.id} = any(${textArray(ids)}::uuid[])`)
  const stories = await tellStories(db, rows, now)
  return new Map(stories.map((story) => [story.incident.id, story]))
}

async function tellStories(db: Database, rows: readonly IncidentRow[], now: Date): Promise<IncidentStory[]> {
  const ids = textArray(rows.map(({ id }) => id))
  const [found, entries] = await Promise.all([
    withAlerts(db, rows),
    db
      .select()
      .from(timeline)
      .where(sql`${timeline.incidentId} = any(${ids}::uuid[])`)
      .orderBy(asc(timeline.id)),
  ])
  const alerts = found.flatMap((incident) => incident.alerts)
  const [wordings, suppressions, standings] = await Promise.all([
    loadWordings(
      db,
      found.flatMap((incident) => worstAlert(incident).ruleId ?? []),
    ),
    loadSuppressions(db, alerts, now),
    listStandings(db, found),
  ])
  const entriesOf = Map.groupBy(entries, ({ incidentId }) => incidentId)
  return found.map((incident) => {
    const wording = wordings.get(worstAlert(incident).ruleId ?? '')
    return {
      incident: withStanding(incident, standings),
      timeline: numberReminders(entriesOf.get(incident.id) ?? []),
      suppression: suppressionOf(incident, suppressions),
      ...(wording && { wording }),
    }
  })
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
