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
  readonly isMuted: (member: GroupMember) => boolean
  readonly now: Date
  readonly post: PostWebhook
  readonly externalUrl: string
}

/** Tells every webhook of the receiver what it does not know yet, and says when the group is to be looked at again. */
export async function flushGroup(flushing: Flushing): Promise<FlushedGroup> {
  const { group, members, receiver, isMuted } = flushing
  const heard = members.filter((member) => !isMuted(member))
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
    const posted = await post(webhook.url, JSON.stringify(body))
    if (posted.kind === 'refused') return { told, failure: posted }
  }
  return { told: { ...standing, at: now.getTime() } }
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
  // Closed by hand it ended when that was, whatever its sender says.
  const ended = endsAt && posted.endsAt < endsAt ? posted.endsAt : endsAt
  return { ...posted, fingerprint, endsAt: ended }
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
  const gone = isSettled ? heard.filter(({ alert }) => alert.state === 'RESOLVED') : []
  const retryAt = failures.some(({ retry }) => retry === 'later')
    ? now.getTime() + Math.min(firstRetryMs * 2 ** (attempts - 1), longestRetryMs)
    : nextTickAt
  const isHushed = heard.length < members.length
  const restAt = isHushed
    ? nextTickAt
    : repeatAt(group, outcomes, { base: base.getTime(), now: now.getTime() })
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
  }
}

/** The tick at which somebody has to be told again, though nothing changes. */
function repeatAt(
  { groupIntervalMs, repeatIntervalMs }: AlertGroup,
  outcomes: readonly Outcome[],
  { base, now }: { base: number; now: number },
): number {
  const last = outcomes.map(({ told }) => told?.at ?? now)
  return nextTick(base, groupIntervalMs, Math.max(now, Math.min(...last, now) + repeatIntervalMs))
}
