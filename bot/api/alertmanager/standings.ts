import type { Database } from '#db/client.ts'
import { listWaitingBatches } from '#db/repositories/batches.ts'
import { listPostedAlerts } from '#db/repositories/posted-alerts.ts'
import { loadQuiet } from '#db/repositories/quiet.ts'
import { loadInhibitors } from '#db/repositories/suppressions.ts'
import { alertLabels } from '#engine/alert.ts'
import { severity } from '#engine/event.ts'
import { alertEvent } from '#engine/intake/alertmanager-event.ts'
import type { Labels } from '#engine/labels.ts'
import { isResolved, mergePosted, type PostedAlert } from '#engine/posted-alert.ts'
import type { AlertStanding } from '#engine/view/alertmanager.ts'
import { loadReceivers } from './receivers.ts'

/** Every posted alert that has not ended, with who hears of it and what keeps it quiet at this moment. */
export async function listStandings(db: Database, environment: string, now: Date): Promise<AlertStanding[]> {
  const [posted, receiversOf, { inForce, inhibitionRules: rules }] = await Promise.all([
    listAccepted(db, environment, now),
    hearing(db, environment),
    loadQuiet(db, environment, now),
  ])
  const labelled = posted.map((one) => ({ ...one, labels: labelsOf(one.alert, one.checkId, now) }))
  const unstored = labelled
    .filter(({ checkId, alert }) => checkId === null && !isResolved(alert, now))
    .map(({ alert, labels }) => ({ fingerprint: alert.fingerprint, labels }))
  const { inhibitorOf } = await loadInhibitors(db, { environment, rules, unstored }, labelled)
  return labelled.map(({ alert, labels }) => {
    const inhibitor = inhibitorOf(labels)
    return {
      alert,
      receivers: receiversOf(alert.labels),
      silencedBy: inForce.index.find(labels).map((silence) => silence.id),
      inhibitedBy: inhibitor ? [inhibitor.fingerprint] : [],
      mutedBy: [],
    }
  })
}

/** By the routing; without one every chat hears of everything. */
async function hearing(db: Database, environment: string): Promise<(labels: Labels) => readonly string[]> {
  const { routing, names } = await loadReceivers(db, environment)
  if (!routing) return () => names
  return (labels) => [...new Set(routing.findRoutes(labels).map(({ receiver }) => receiver))]
}

interface Accepted {
  readonly alert: PostedAlert
  /** Null until it has been judged. */
  readonly checkId: string | null
}

/** What was answered 200 is seen at once, though it be decided a moment later. Those waiting are read first: none is missed. */
async function listAccepted(db: Database, environment: string, now: Date): Promise<Accepted[]> {
  const waiting = await listWaitingBatches(db, environment, 'alertmanager')
  const kept = await listPostedAlerts(db, environment, now)
  const accepted = new Map<string, Accepted>(kept.map((one) => [one.alert.fingerprint, one]))
  for (const batch of waiting) {
    if (batch.source !== 'alertmanager') continue
    for (const posted of batch.items) {
      const known = accepted.get(posted.fingerprint)
      const alert = mergePosted(known?.alert, posted, batch.receivedAt)
      accepted.set(posted.fingerprint, { alert, checkId: known?.checkId ?? null })
    }
  }
  return [...accepted.values()].filter(({ alert }) => alert.endsAt > now)
}

/** The labels that keep its notifications quiet, so that both answers agree. */
function labelsOf(alert: PostedAlert, checkId: string | null, now: Date): Labels {
  const { entity, labels, state } = alertEvent(alert, { environment: '', now, repeatFailureDelaySeconds: 0 })
  const known = { entity, labels, checkId: checkId ?? '', ruleId: null }
  return alertLabels({ ...known, severity: state === 'ok' ? 'WARNING' : severity(state) })
}
