import type { Database } from '#db/client.ts'
import { listWaitingBatches } from '#db/repositories/batches.ts'
import { listCheckIds, listPageOfAlerts, type PostedPage } from '#db/repositories/posted-alerts.ts'
import { loadQuiet } from '#db/repositories/quiet.ts'
import { loadInhibitors } from '#db/repositories/suppressions.ts'
import { alertLabels } from '#engine/alert.ts'
import { checkKey, type HealthEvent, severity } from '#engine/event.ts'
import { alertEvent } from '#engine/intake/alertmanager-event.ts'
import type { Labels } from '#engine/labels.ts'
import { isResolved, mergePosted, type PostedAlert } from '#engine/posted-alert.ts'
import type { AlertStanding } from '#engine/view/alertmanager.ts'
import { loadReceivers } from './receivers.ts'
import type { RememberedAlerts } from './remembered-alerts.ts'

interface Reading {
  readonly now: Date
  readonly page?: PostedPage | undefined
  readonly remembered: RememberedAlerts
}

/**
 * Every posted alert that has not ended, or a page of them, with who hears of it and what keeps it quiet at this moment.
 * Of a page there may be more than were asked for.
 */
export async function listStandings(
  db: Database,
  environment: string,
  { now, page, remembered }: Reading,
): Promise<AlertStanding[]> {
  const [alerts, receiversOf] = await Promise.all([
    listAccepted(db, environment, { now, page, remembered }),
    hearing(db, environment),
  ])
  const quietOf = await quieting(db, environment, { alerts, now })
  return alerts.map((alert) => ({
    alert,
    receivers: receiversOf(alert.labels),
    mutedBy: [],
    ...quietOf(alert),
  }))
}

type Quiet = Pick<AlertStanding, 'silencedBy' | 'inhibitedBy'>

const unheld: Quiet = { silencedBy: [], inhibitedBy: [] }

/** What keeps alerts quiet; where there is nothing of the kind, none of them is looked at. */
async function quieting(
  db: Database,
  environment: string,
  { alerts, now }: { alerts: readonly PostedAlert[]; now: Date },
): Promise<(alert: PostedAlert) => Quiet> {
  const { inForce, inhibitionRules: rules } = await loadQuiet(db, environment, now)
  if (inForce.index.size === 0 && rules.length === 0) return () => unheld
  const events = alerts.map((alert) => ({ alert, event: alertEvent(alert, { ...nowhere, now }) }))
  const checkIds = await listCheckIds(
    db,
    environment,
    events.map(({ event }) => checkKey(event)),
  )
  const labelled = new Map(
    events.map(({ alert, event }) => {
      const checkId = checkIds.get(checkKey(event))
      return [alert.fingerprint, { alert, checkId, labels: labelsOf(event, checkId ?? '') }] as const
    }),
  )
  const unstored = [...labelled.values()]
    .filter(({ checkId, alert }) => checkId === undefined && !isResolved(alert, now))
    .map(({ alert, labels }) => ({ fingerprint: alert.fingerprint, labels }))
  const targets = [...labelled.values()]
  const { inhibitorOf } = await loadInhibitors(db, { environment, rules, unstored }, targets)
  return ({ fingerprint }) => {
    const known = labelled.get(fingerprint)
    if (!known) return unheld
    const inhibitor = inhibitorOf(known.labels)
    return {
      silencedBy: inForce.index.find(known.labels).map((silence) => silence.id),
      inhibitedBy: inhibitor ? [inhibitor.fingerprint] : [],
    }
  }
}

/** By the routing; without one every chat hears of everything. */
async function hearing(db: Database, environment: string): Promise<(labels: Labels) => readonly string[]> {
  const { routing, names } = await loadReceivers(db, environment)
  if (!routing) return () => names
  return (labels) => [...new Set(routing.findRoutes(labels).map(({ receiver }) => receiver))]
}

/** What was answered 200 is seen at once, though it be decided a moment later. Those waiting are read first: none is missed. */
async function listAccepted(
  db: Database,
  environment: string,
  { now, page, remembered }: Reading,
): Promise<PostedAlert[]> {
  const waiting = await listWaitingBatches(db, environment, 'alertmanager')
  const kept = page
    ? await listPageOfAlerts(db, environment, { now, page })
    : await remembered.listOpen(db, environment, now)
  if (waiting.length === 0) return kept
  // Behind a full page there may be more that we did not see, and must not merge with.
  const last = page && kept.length >= page.limit ? kept.at(-1)?.fingerprint : undefined
  const isSeen = ({ fingerprint }: PostedAlert) =>
    fingerprint > (page?.after ?? '') && (last === undefined || fingerprint <= last)
  const accepted = new Map(kept.map((alert) => [alert.fingerprint, alert]))
  for (const batch of waiting) {
    if (batch.source !== 'alertmanager') continue
    for (const posted of batch.items.filter(isSeen)) {
      accepted.set(
        posted.fingerprint,
        mergePosted(accepted.get(posted.fingerprint), posted, batch.receivedAt),
      )
    }
  }
  return [...accepted.values()].filter(({ endsAt }) => endsAt > now)
}

const nowhere = { environment: '', repeatFailureDelaySeconds: 0 }

/** The labels that keep its notifications quiet, so that both answers agree. */
function labelsOf({ entity, labels, state }: HealthEvent, checkId: string): Labels {
  const known = { entity, labels, checkId, ruleId: null }
  return alertLabels({ ...known, severity: state === 'ok' ? 'WARNING' : severity(state) })
}
