import { formatDuration } from '#engine/duration.ts'
import type { Happened } from '#engine/advance/batch.ts'
import type { Alert } from '#engine/alert.ts'
import { isWorse, type Severity } from '#engine/event.ts'
import type { TimelineEntry, TimelineKind } from '#engine/incident/timeline.ts'
import { newsOf, type Reason } from '#engine/notify/plan.ts'
import type { Actor } from '#engine/person.ts'
import { incidentSeverity, type Places } from './place-incidents.ts'

/** Something people hear of an incident, or an edit of its message without a word. */
export interface IncidentNews {
  readonly incidentId: string
  readonly reason: Reason
  /** Which of its alerts it is about. */
  readonly alert: Alert
  /** Of the whole incident. */
  readonly severity: Severity
  readonly entry: TimelineEntry | undefined
}

const clock: Actor = { kind: 'clock' }

/** What a batch of events means for people: of an incident that alerts share, each thing once, however many alerts say it. */
export function newsOfBatch(happenings: readonly Happened[], places: Places, now: Date): IncidentNews[] {
  const alone: IncidentNews[] = []
  const shared = new Map<string, { news: IncidentNews; others: number }>()
  for (const happened of happenings) {
    const news = newsOfOne(happened, places, now)
    if (!news) continue
    if (!happened.alert.sharesIncident) {
      alone.push(news)
      continue
    }
    const key = `${news.incidentId} ${news.reason} ${news.entry?.kind ?? ''}`
    const known = shared.get(key)
    shared.set(key, known ? { ...known, others: known.others + 1 } : { news, others: 0 })
  }
  return [...alone, ...[...shared.values()].map(({ news, others }) => withOthers(news, others))]
}

function withOthers(news: IncidentNews, others: number): IncidentNews {
  if (!news.entry || others === 0) return news
  return { ...news, entry: { ...news.entry, details: { ...news.entry.details, others } } }
}

function newsOfOne({ alert, happening, by }: Happened, places: Places, now: Date): IncidentNews | undefined {
  const worth = newsOf(happening)
  if (!worth || alert.incidentId === null) return undefined
  const shared = places.sharedOf(alert)
  const severity = incidentSeverity(alert, shared)
  const about = { incidentId: alert.incidentId, alert, severity }
  if (happening === 'fired' && shared && isJoining(alert, shared)) {
    const { worstBefore } = shared
    const isRise = worstBefore !== undefined && isWorse(severity, worstBefore)
    return {
      ...about,
      reason: isRise ? 'severity-rise' : 'more',
      entry: { at: now, actor: clock, kind: 'joined', details: { about: alert.title } },
    }
  }
  if (happening === 'recovered' && places.goesOn(alert))
    return {
      ...about,
      reason: 'edit',
      entry: {
        at: now,
        actor: clock,
        kind: 'part-recovered',
        details: { about: alert.title, ...(by && { by }) },
      },
    }
  return { ...about, reason: worth.reason, entry: worth.kind && entryOf({ alert, by }, worth.kind, now) }
}

/** The alert that makes an incident speaks for it; those that come with it join it. */
function isJoining(
  alert: Alert,
  { worstBefore, alerts }: NonNullable<ReturnType<Places['sharedOf']>>,
): boolean {
  return worstBefore !== undefined || alerts[0]?.id !== alert.id
}

/** Whose word it is counts where it ends something: anybody may say of any check that it is well. */
const saysWho: ReadonlySet<TimelineKind> = new Set<TimelineKind>(['fired', 'recovered', 'cleared'])

function entryOf(
  { alert, by }: Pick<Happened, 'alert' | 'by'>,
  kind: TimelineKind,
  now: Date,
): TimelineEntry {
  const lasted = formatDuration((now.getTime() - alert.startedAt.getTime()) / 1000)
  const actor = (kind === 'acknowledged' && alert.acknowledgedBy) || clock
  const saysHowLong = kind === 'recovered' || kind === 'reminded'
  const details = { ...(saysHowLong && { lasted }), ...(by && saysWho.has(kind) && { by }) }
  return { at: now, actor, kind, details }
}
