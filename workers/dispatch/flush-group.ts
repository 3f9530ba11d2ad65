import type { AlertGroup, FlushedGroup, GroupMember } from '#db/repositories/alert-groups.ts'
import { isNews, nextTick, type Told } from '#engine/dispatch/flush.ts'
import { tellableLabels } from '#engine/dispatch/join.ts'
import type { Receiver, WebhookTarget } from '#engine/dispatch/routing-tree.ts'
import { type TellableAlert, webhookBody } from '#engine/dispatch/webhook-body.ts'
import type { PostWebhook } from './post-webhook.ts'

export interface Flushing {
  readonly group: AlertGroup
  readonly members: readonly GroupMember[]
  /** Undefined: the routing knows it no longer. */
  readonly receiver: Receiver | undefined
  /** All of it, by its route's time intervals. */
  readonly isQuiet: boolean
  readonly isMuted: (member: GroupMember) => boolean
  readonly now: Date
  readonly post: PostWebhook
  readonly externalUrl: string
}

/** Tells every webhook of the receiver what it does not know yet, and says when the group is to be looked at again. */
export async function flushGroup(flushing: Flushing): Promise<FlushedGroup> {
  const { group, members, receiver, isQuiet, isMuted } = flushing
  const heard = isQuiet ? [] : members.filter((member) => !isMuted(member))
  const webhooks = receiver?.webhooks ?? []
  const outcomes = await Promise.all(
    webhooks.map((webhook, index) => tell(flushing, heard, { webhook, told: group.told[index] ?? null })),
  )
  return settle(flushing, heard, outcomes)
}

interface Outcome {
  readonly told: Told | null
  readonly failure?: { readonly retry: 'later' | 'never'; readonly because: string }
}

async function tell(
  { group, now, post, externalUrl }: Flushing,
  heard: readonly GroupMember[],
  { webhook, told }: { webhook: WebhookTarget; told: Told | null },
): Promise<Outcome> {
  // What is kept quiet as a whole is not told, and not taken for told.
  if (heard.length === 0) return { told }
  const { firing = [], resolved = [] } = Object.groupBy(heard, ({ alert }) =>
    alert.state === 'RESOLVED' ? 'resolved' : 'firing',
  )
  const standing = {
    firing: firing.map(({ fingerprint }) => fingerprint),
    resolved: resolved.map(({ fingerprint }) => fingerprint),
  }
  const { sendResolved } = webhook
  const question = { ...standing, told: told ?? undefined, sendResolved, now: now.getTime() }
  if (!isNews({ ...question, repeatIntervalMs: group.repeatIntervalMs })) return { told }
  const sent = sendResolved ? heard : firing
  if (sent.length > 0) {
    const body = webhookBody({
      key: group.key,
      labels: group.labels,
      receiver: group.receiver,
      alerts: sent.map(tellable),
      externalUrl,
      maxAlerts: webhook.maxAlerts,
    })
    const posted = await post(webhook.url, JSON.stringify(body), webhook.timeoutMs)
    if (posted.kind === 'refused') return { told, failure: posted }
  }
  return { told: { ...standing, at: latestTick(group, now) } }
}

/** The tick it is told at, however late its message: what is told again every four hours must not slip by one tick each time. */
function latestTick({ tickBase, groupIntervalMs }: AlertGroup, now: Date): number {
  if (!tickBase || tickBase > now) return now.getTime()
  return nextTick(tickBase.getTime(), groupIntervalMs, now.getTime()) - groupIntervalMs
}

function tellable({ alert, posted, fingerprint }: GroupMember): TellableAlert {
  const isOver = alert.state === 'RESOLVED'
  const endsAt = isOver ? (alert.resolvedAt ?? alert.startedAt) : null
  if (!posted) {
    const annotations = { summary: alert.title, description: alert.summary }
    return {
      fingerprint,
      labels: tellableLabels(alert),
      annotations,
      startsAt: alert.startedAt,
      endsAt,
      generatorUrl: '',
    }
  }
  // Closed by hand it ended when that was, unless its sender knows of an earlier end.
  const ended = endsAt && (!alert.resolvedBy || posted.endsAt < endsAt) ? posted.endsAt : endsAt
  const { over: _over, endsAt: _end, ...rest } = posted
  return { ...rest, fingerprint, endsAt: ended }
}

/** The first tries come quickly: most receivers that fail are being restarted. */
const firstRetryMs = 250
const longestRetryMs = 60_000

function settle(
  { group, members, now }: Flushing,
  heard: readonly GroupMember[],
  outcomes: readonly Outcome[],
): FlushedGroup {
  const base = group.tickBase ?? now
  const nextTickAt = nextTick(base.getTime(), group.groupIntervalMs, now.getTime())
  const failures = outcomes.flatMap(({ failure }) => failure ?? [])
  const attempts = failures.length > 0 ? group.attempts + 1 : 0
  const isSettled = failures.length === 0
  // As Alertmanager does: what resolves while it is kept quiet is never told.
  const gone = isSettled ? members.filter(({ alert }) => alert.state === 'RESOLVED') : []
  const retryAt = failures.some(({ retry }) => retry === 'later')
    ? now.getTime() + Math.min(firstRetryMs * 2 ** (attempts - 1), longestRetryMs)
    : nextTickAt
  const isHushed = heard.length < members.length
  const restAt = isHushed
    ? nextTickAt
    : Math.min(
        repeatAt(group, outcomes, { base: base.getTime(), now: now.getTime() }),
        endAt(group, members, { base: base.getTime(), now: now.getTime() }),
      )
  return {
    id: group.id,
    version: group.version,
    tickBase: base,
    flushAt: new Date(isSettled ? restAt : retryAt),
    nextTickAt: new Date(nextTickAt),
    told: outcomes.map(({ told }) => told),
    attempts,
    lastError: failures.map(({ because }) => because).join(' ') || null,
    goneAlertIds: gone.map(({ alert }) => alert.id),
    isOver: gone.length === members.length,
  }
}

/** The first tick at which an alert has ended, unless it is posted again until then. */
function endAt(
  { groupIntervalMs }: AlertGroup,
  members: readonly GroupMember[],
  { base, now }: { base: number; now: number },
): number {
  const ends = members.flatMap(({ alert, posted }) => {
    const end = alert.state === 'RESOLVED' ? undefined : posted?.endsAt.getTime()
    return end !== undefined && end > now ? end : []
  })
  // Never, where there is none.
  if (ends.length === 0) return Infinity
  return nextTick(base, groupIntervalMs, Math.max(now, Math.min(...ends) - 1))
}

/** The first tick at which somebody has to be told again, though nothing changes. */
function repeatAt(
  { groupIntervalMs, repeatIntervalMs }: AlertGroup,
  outcomes: readonly Outcome[],
  { base, now }: { base: number; now: number },
): number {
  const last = outcomes.map(({ told }) => told?.at ?? now)
  const due = Math.min(...last, now) + repeatIntervalMs
  return nextTick(base, groupIntervalMs, Math.max(now, due - 1))
}
