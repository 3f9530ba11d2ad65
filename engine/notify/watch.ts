import type { AlertView } from '#engine/alert.ts'

/** What happens with an incident until somebody acts: as it was written when the incident opened, whatever is written since. */
export interface WatchPlan {
  /** In the order of their times. */
  readonly steps: readonly WatchStep[]
  /** So long after an acknowledgement people are asked whether it still holds; null = never. */
  readonly ackTimeoutMs: number | null
  /** So long after that question it holds no more. */
  readonly unackAfterMs: number
}

interface WatchStep {
  /** Unacknowledged for so long in all; time that somebody had it in hand does not count. */
  readonly afterMs: number
  readonly receiver: string
  readonly chats: 'all' | readonly string[]
  /** By name. */
  readonly connections: readonly string[]
}

export interface Watch {
  readonly plan: WatchPlan
  /** The next step to be taken. */
  readonly step: number
  /** How long it had been waiting for somebody before `waitingSince`. */
  readonly waitedMs: number
  /** null = somebody has it in hand. */
  readonly waitingSince: Date | null
  /** Of this acknowledgement people were asked whether it still holds. */
  readonly askedAt: Date | null
}

interface Standing {
  readonly view: Exclude<AlertView, 'PENDING'>
  /** The latest; of what is acknowledged. */
  readonly acknowledgedAt: Date | null
}

export type WatchAction =
  | { readonly kind: 'escalate'; readonly step: WatchStep }
  | { readonly kind: 'ask'; readonly acknowledgedForMs: number }
  | { readonly kind: 'unacknowledge' }

interface Watched {
  readonly watch: Watch
  readonly actions: readonly WatchAction[]
  /** When to look again, unless something changes before; null = not before. */
  readonly dueAt: Date | null
}

export function beginWatch(plan: WatchPlan, now: Date): Watched {
  return look({ plan, step: 0, waitedMs: 0, waitingSince: now, askedAt: null }, now)
}

/** One look at an incident: late is no different from in time, and twice is no different from once. */
export function decideWatch(watch: Watch, { view, acknowledgedAt }: Standing, now: Date): Watched {
  if (view === 'RESOLVED') return { watch: stopWaiting(watch, now), actions: [], dueAt: null }
  if (view === 'FIRING')
    return look({ ...watch, waitingSince: watch.waitingSince ?? now, askedAt: null }, now)
  return inHand(stopWaiting(watch, acknowledgedAt ?? now), acknowledgedAt ?? now, now)
}

function look(watch: Watch, now: Date): Watched {
  const { plan, waitedMs, waitingSince } = watch
  const since = (waitingSince ?? now).getTime()
  const waited = waitedMs + Math.max(0, now.getTime() - since)
  const due = plan.steps.slice(watch.step).filter(({ afterMs }) => afterMs <= waited)
  const step = watch.step + due.length
  const next = plan.steps[step]
  return {
    watch: { ...watch, step },
    actions: due.map((one) => ({ kind: 'escalate', step: one })),
    dueAt: next ? new Date(since + next.afterMs - waitedMs) : null,
  }
}

function inHand(watch: Watch, acknowledgedAt: Date, now: Date): Watched {
  const { plan, askedAt } = watch
  const { ackTimeoutMs, unackAfterMs } = plan
  if (ackTimeoutMs === null) return { watch, actions: [], dueAt: null }
  if (askedAt !== null && askedAt >= acknowledgedAt) {
    const endsAt = new Date(askedAt.getTime() + unackAfterMs)
    if (endsAt > now) return { watch, actions: [], dueAt: endsAt }
    const waiting = look({ ...watch, waitingSince: now, askedAt: null }, now)
    return { ...waiting, actions: [{ kind: 'unacknowledge' }, ...waiting.actions] }
  }
  const askAt = new Date(acknowledgedAt.getTime() + ackTimeoutMs)
  if (askAt > now) return { watch: { ...watch, askedAt: null }, actions: [], dueAt: askAt }
  return {
    watch: { ...watch, askedAt: now },
    actions: [{ kind: 'ask', acknowledgedForMs: now.getTime() - acknowledgedAt.getTime() }],
    dueAt: new Date(now.getTime() + unackAfterMs),
  }
}

function stopWaiting(watch: Watch, at: Date): Watch {
  const { waitingSince, waitedMs } = watch
  if (waitingSince === null) return watch
  const stretch = Math.max(0, at.getTime() - waitingSince.getTime())
  return { ...watch, waitedMs: waitedMs + stretch, waitingSince: null }
}
