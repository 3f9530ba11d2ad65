import { randomUUID } from 'node:crypto'
import { allDone } from '#db/all-done.ts'
import type { Database } from '#db/client.ts'
import { insertion, recordSet } from '#db/record-set.ts'
import { contactAlerts } from '#db/schema/contact-alerts.ts'
import { notifications } from '#db/schema/notifications.ts'
import { announcements } from '#db/schema/suppressions.ts'
import type { Alert } from '#engine/alert.ts'
import { contactNews, type StoryNews } from '#engine/notify/contact-news.ts'
import type { MediumAlert } from '#engine/notify/decide-alerts.ts'
import { type ContactPlace, mediumKey, placeContacts } from './contact-destinations.ts'
import type { Queued } from './notifications.ts'

/** What was decided for a contact, and the alert it is about. */
export interface DecidedForContact {
  readonly told: MediumAlert
  readonly alert: Alert | undefined
}

/** What everybody is told meanwhile, of the incidents that alerts are in. */
export interface Storyline {
  readonly incidentOf: (alert: Alert) => string | null
  readonly newsOf: (incidentId: string) => readonly StoryNews[]
}

interface Queueing extends Storyline {
  readonly environment: string
  readonly now: Date
}

/**
 * Into the one outbox: what is about an incident is told with its living message, everything else as a notice of its own.
 * The ids are to be announced once the transaction is through.
 */
export async function queueForContacts(
  tx: Database,
  decided: readonly DecidedForContact[],
  queueing: Queueing,
): Promise<readonly Queued[]> {
  if (decided.length === 0) return []
  const { environment, now } = queueing
  const places = await placeContacts(
    tx,
    decided.map(({ told }) => told),
  )
  const plans = decided.map((one) => planOf(one, places.get(mediumKey(one.told)), queueing))
  // Several alerts of one incident are one thing to say.
  const once = [...new Map(plans.map((plan) => [plan.sameAs, plan])).values()]
  const idOf = new Map(once.map(({ sameAs, row }) => [sameAs, row.id]))
  const notices = once.flatMap(({ notice }) => notice ?? [])
  if (notices.length > 0) await tx.insert(announcements).select(recordSet(announcements, notices))
  const rows = once.map(({ row }) => row)
  const kept = plans.map(({ told, sameAs }) => ({
    ...told,
    id: randomUUID(),
    environment,
    notificationId: idOf.get(sameAs) ?? null,
    createdAt: now,
  }))
  await allDone([insertNotifications(tx, rows), insertContactAlerts(tx, kept)])
  return rows.map(({ id, destinationId }) => ({ id, destinationId }))
}

const insertNotifications = insertion(notifications)
const insertContactAlerts = insertion(contactAlerts)

interface Plan {
  readonly told: MediumAlert
  readonly row: typeof notifications.$inferInsert
  readonly notice: typeof announcements.$inferInsert | undefined
  /** Equal for what is one thing to say. */
  readonly sameAs: string
}

function planOf(
  { told, alert }: DecidedForContact,
  place: ContactPlace | undefined,
  { environment, now, incidentOf, newsOf }: Queueing,
): Plan {
  if (!place) throw new Error(`there is no destination for ${mediumKey(told)}`)
  const { destinationId, problem } = place
  const { notification, summary, contactId } = told
  const id = randomUUID()
  const base = {
    id,
    destinationId,
    attempts: 0,
    notBefore: now,
    createdAt: now,
    ...(problem === undefined
      ? { state: 'PENDING' as const }
      : { state: 'FAILED' as const, lastError: problem, settledAt: now }),
  }
  const incidentId = alert && summary === null && notification.type !== 'test' ? incidentOf(alert) : null
  if (incidentId !== null) {
    const news = contactNews(notification.type, newsOf(incidentId))
    const sameAs = [destinationId, incidentId, news.reason, news.entryId].join(' ')
    return { told, row: { ...base, ...news, incidentId }, notice: undefined, sameAs }
  }
  const notice = {
    id,
    environment,
    subject: `contact/${id}`,
    kind: 'told' as const,
    at: now,
    actor: { kind: 'clock' as const },
    details: { told: { contactId, notification, summary } },
  }
  return {
    told,
    row: { ...base, reason: 'announcement', announcementId: id },
    notice,
    sameAs: id,
  }
}
