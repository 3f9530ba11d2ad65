import type { Medium } from '#engine/medium.ts'

/** How fast one destination of a vendor may be told. */
export interface VendorPace {
  /** Messages on their way at a time; of one incident it is always one. */
  readonly concurrency: number
  /** Between two calls; 0 = as fast as it answers. */
  readonly everyMs: number
  /** Between two edits, where they count for themselves; 0 = none leaves the house. */
  readonly editEveryMs?: number
  /** Nothing is made ready before its turn: what is ready when its process is killed may have been heard, as far as anybody knows. */
  readonly opensAhead?: boolean
}

/**
 * Slack: one message a second in a channel, `chat.update` fifty a minute. https://docs.slack.dev/apis/web-api/rate-limits/
 * Teams: 60 calls in 30 s in a conversation. Discord: five in five seconds in a channel; its client also obeys the headers.
 * PagerDuty: 120 events a minute for a key.
 */
export const vendorPaces: Record<Medium, VendorPace> = {
  local: { concurrency: 4, everyMs: 0 },
  api: { concurrency: 1, everyMs: 0 },
  // Fifty in a minute to the millisecond would be too many whenever one is on its way for less time than the fiftieth before it.
  slack: { concurrency: 1, everyMs: 1000, editEveryMs: 1250 },
  'slack-webhook': { concurrency: 1, everyMs: 1000, editEveryMs: 0 },
  teams: { concurrency: 1, everyMs: 500 },
  'teams-workflow': { concurrency: 1, everyMs: 1000, editEveryMs: 0 },
  discord: { concurrency: 1, everyMs: 1000 },
  'discord-webhook': { concurrency: 1, everyMs: 1000 },
  pagerduty: { concurrency: 4, everyMs: 500 },
  opsgenie: { concurrency: 4, everyMs: 100 },
  servicenow: { concurrency: 4, everyMs: 0 },
  webhook: { concurrency: 64, everyMs: 0 },
  // As many as there are connections to a mail server.
  email: { concurrency: 3, everyMs: 0, opensAhead: false },
  'log-file': { concurrency: 1, everyMs: 0 },
}

/** How many messages are made ready while others are on their way; none where a vendor wants them slowly, since much may change until then. */
export function openedAhead({ concurrency, everyMs, opensAhead = true }: VendorPace): number {
  return everyMs === 0 && opensAhead ? concurrency * 6 : 0
}
