export interface StormShape {
  readonly alerts: number
  /** How many groups they fall into; undefined: each alert is a group of its own. */
  readonly groups?: number | undefined
}

/** What tells a storm's alerts from everything else, and one from another. */
export const runLabel = 'storm_run'
export const groupLabel = 'storm_group'
export const numberLabel = 'storm_alert'

/** As Alertmanager's own configuration says it. https://prometheus.io/docs/alerting/latest/configuration/#route */
export function groupBy({ groups }: StormShape): readonly string[] {
  return groups === undefined ? ['...'] : [runLabel, groupLabel]
}

export function groupOf(number: number, { groups }: StormShape): number {
  return groups === undefined ? number : number % groups
}

const description =
  'What a person would read about it, as long as such texts usually are: what it was seen to do, since when, for whom ' +
  'that is bad, and where is written down what to do about it: https://example.org/runbooks/storm.'

/**
 * Alerts of nine labels and some 560 bytes as Prometheus posts them, each without its closing brace: only what is
 * behind that (`endsAt`) is not known before the moment of posting.
 */
export function openAlerts(shape: StormShape, run: string): readonly string[] {
  return Array.from({ length: shape.alerts }, (_, number) => {
    const group = groupOf(number, shape)
    const labels = {
      alertname: `Storm${group}`,
      [runLabel]: run,
      [groupLabel]: String(group),
      [numberLabel]: String(number),
      severity: number % 3 === 0 ? 'critical' : 'warning',
      instance: `host-${number % 997}.example.org:9100`,
      job: `node-${number % 13}`,
      cluster: `cluster-${number % 7}`,
      service: `service-${number % 41}`,
    }
    const alert = {
      labels,
      annotations: { summary: `Alert ${number} of the storm`, description },
      generatorURL: `http://127.0.0.1:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=${number}`,
    }
    return JSON.stringify(alert).slice(0, -1)
  })
}

/** Without `startsAt`: the server says when it began, and for one that ended, that it began then too. */
export function alertsBody(open: readonly string[], endsAt: Date | undefined): string {
  const rest = endsAt ? `,"endsAt":"${endsAt.toISOString()}"}` : '}'
  return `[${open.map((alert) => alert + rest).join(',')}]`
}
