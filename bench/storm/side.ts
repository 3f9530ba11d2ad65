import { groupBy } from './alerts.ts'
import type { StormCase } from './cases.ts'
import type { Watched } from './watch.ts'

/** A server a storm is sent to, fresh and empty. */
export interface Side {
  /** Its name and version, as the table's head says it. */
  name(): Promise<string>
  withServer<Result>(setting: Setting, use: (server: Server) => Promise<Result>): Promise<Result>
}

export interface Setting {
  readonly case: StormCase
  /** Where its webhooks go. */
  readonly webhookUrl: string
}

export interface Server extends Watched {
  readonly origin: string
  readonly headers: Readonly<Record<string, string>>
  /** Whether `GET /api/v2/alerts` can be read page by page. */
  readonly hasPages: boolean
}

/** The same for both, in Alertmanager's form. */
export function routingOf({ case: one, webhookUrl }: Setting): object {
  return {
    route: {
      receiver: 'w',
      group_by: groupBy(one),
      group_wait: `${one.groupWaitSeconds}s`,
      group_interval: `${one.groupIntervalSeconds}s`,
      repeat_interval: '4h',
    },
    receivers: [{ name: 'w', webhook_configs: [{ url: webhookUrl, send_resolved: true }] }],
  }
}
