import type { ExecutionsQuestion } from '#engine/telemetry/telemetry.ts'
import type { RouteMetric } from '#engine/rule/conditions/route-metric.ts'
import { appCount, routeCount } from './rows.ts'

const metrics = ['ERROR_RATE', 'THROUGHPUT', 'AVG_DURATION_MS', 'P99_LATENCY_MS', 'ERROR_COUNT'] as const

/** Four in five about a route, one about an app; the five metrics evenly; windows in turn. */
export function routeMetrics(count: number, windows: readonly number[], apps = appCount): RouteMetric[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: 'ROUTE_METRIC',
    scope: {
      appSlug: `app-${(index * 7) % apps}`,
      ...(index % 5 !== 0 && { routeId: `route-${(index * 3) % routeCount}` }),
    },
    metric: metrics[Math.floor(index / 3) % metrics.length] ?? 'ERROR_RATE',
    comparator: 'GT',
    threshold: 1 + (index % 97),
    windowSeconds: windows[Math.floor(index / 16) % windows.length] ?? 300,
  }))
}

export function questionOf({ scope, metric, windowSeconds }: RouteMetric): ExecutionsQuestion {
  return {
    about: 'executions',
    environment: 'prod',
    ...(scope.appSlug !== undefined && { app: scope.appSlug }),
    ...(scope.routeId !== undefined && { route: scope.routeId }),
    ...(metric === 'P99_LATENCY_MS' && { withP99: true }),
    windowSeconds,
  }
}
