import type { Labels } from './labels.ts'

/** An alert as Alertmanager's API knows it. Its fingerprint says who it is; its span [startsAt, endsAt) says when it fires. */
export interface PostedAlert {
  readonly fingerprint: string
  readonly labels: Labels
  readonly annotations: Labels
  readonly startsAt: Date
  readonly endsAt: Date
  /** Nobody named an end: it is over unless it is posted again before then. */
  readonly endsByTimeout: boolean
  /** When it was last posted. */
  readonly updatedAt: Date
  readonly generatorUrl: string
}

export function isResolved(alert: Pick<PostedAlert, 'endsAt'>, now: Date): boolean {
  return alert.endsAt <= now
}

/**
 * What is known of an alert once it has been posted again (Alertmanager's memory provider and `Alert.Merge`). Spans that
 * do not overlap are two lives, and the new one replaces the old.
 */
export function mergePosted(known: PostedAlert | undefined, posted: PostedAlert, now: Date): PostedAlert {
  if (!known || !overlaps(known, posted)) return posted
  return posted.updatedAt < known.updatedAt ? merge(posted, known, now) : merge(known, posted, now)
}

function overlaps(known: PostedAlert, posted: PostedAlert): boolean {
  const isInside = (at: Date) => at > known.startsAt && at < known.endsAt
  return isInside(posted.startsAt) || isInside(posted.endsAt)
}

function merge(older: PostedAlert, newer: PostedAlert, now: Date): PostedAlert {
  const startsAt = older.startsAt < newer.startsAt ? older.startsAt : newer.startsAt
  const mayKeepOlderEnd = isResolved(newer, now) ? isResolved(older, now) : !older.endsByTimeout
  const keepsOlderEnd = mayKeepOlderEnd && older.endsAt > newer.endsAt
  return { ...newer, startsAt, endsAt: keepsOlderEnd ? older.endsAt : newer.endsAt }
}
