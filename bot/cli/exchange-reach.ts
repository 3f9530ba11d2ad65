import { defaultReach, type Reach } from '#engine/exchange/cursor.ts'

interface Found {
  readonly TOCSIN_EXCHANGE_OVERLAP?: number | null | undefined
  readonly TOCSIN_DEPLOY_BACKLOG_CAP?: number | null | undefined
  readonly TOCSIN_EXCHANGE_MAX_AGE?: number | null | undefined
}

/** How far rules look that tell of every single exchange. */
export function exchangeReachOf(found: Found): Reach {
  return {
    ...defaultReach,
    overlapSeconds: found.TOCSIN_EXCHANGE_OVERLAP ?? defaultReach.overlapSeconds,
    backlogCapSeconds: found.TOCSIN_DEPLOY_BACKLOG_CAP ?? defaultReach.backlogCapSeconds,
    longestAgeSeconds: found.TOCSIN_EXCHANGE_MAX_AGE ?? defaultReach.longestAgeSeconds,
  }
}
