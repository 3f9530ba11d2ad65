import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import type { CheckState, HealthEvent } from '#engine/event.ts'

/** Said by nobody: of a check whose source speaks only when something changes, and has said nothing since. */
export function stillFailing({ memory, ...check }: Check, alert: Alert, state: CheckState): HealthEvent {
  return {
    kind: 'service',
    state,
    environment: check.environment,
    checkKey: check.key,
    entity: check.entity,
    check: check.name,
    summary: memory.summary,
    details: memory.details,
    perfdata: memory.perfdata,
    title: alert.title,
    labels: alert.labels,
    tags: Object.entries(alert.labels).map(([name, value]) => `${name}=${value}`),
    observedAt: null,
    initialFailureDelaySeconds: 0,
    repeatFailureDelaySeconds: 'never',
    judgedBy: 'arrival',
  }
}
