import type { Alert } from '#engine/alert.ts'
import { noticeCategories } from '#engine/intake/axonops-catalogue.ts'
import type { Severity } from '#engine/event.ts'

/** What an alert is about, as AxonOps sorts them: one of these is the label `category` that routes match. */
export const categories = noticeCategories

export type Category = (typeof categories)[number]

export const categoryLabel = 'category'

/** AxonOps' words for how bad it is, and ours. */
export const severityOfWord = {
  info: 'INFO',
  warning: 'WARNING',
  error: 'CRITICAL',
} as const satisfies Record<string, Severity>

export type SeverityWord = keyof typeof severityOfWord

export const severityWords = Object.keys(severityOfWord) as readonly SeverityWord[]

/** What its source says, if that is one of them; rules and Prometheus speak of metrics, anybody else of checks. */
export function categoryOf(alert: Pick<Alert, 'labels' | 'ruleId'>, cameAsPosted: boolean): Category {
  const said = categories.find((category) => category === alert.labels[categoryLabel])
  return said ?? (alert.ruleId !== null || cameAsPosted ? 'metrics' : 'service-checks')
}
