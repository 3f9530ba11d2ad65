import { expect } from 'vitest'
import { alertGroupMembers, alertGroups } from '#db/schema/dispatch.ts'
import { startTellingHouse, type TellingHouse } from './telling-house.ts'
import { type Answer, type Attempt, openWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts'

/** Alerts, a routing and those who listen, from ten o'clock on. */
export interface WebhookStory {
  readonly house: TellingHouse
  listening(answer?: Answer): Promise<WebhookReceiver>
  /** The first route, over receivers `r0`, `r1`, …; it waits for nothing and ticks every minute. */
  route(route: object, ...listeners: readonly WebhookReceiver[]): Promise<void>
  /** Through Alertmanager's API, firing for a day. */
  accept(...alerts: readonly object[]): Promise<void>
  /** The same, decided and told. */
  post(...alerts: readonly object[]): Promise<void>
  /** Ends now. */
  over(alertname: string): object
  /** Rows of groups and of their alerts. */
  groupsLeft(): Promise<number>
  close(): Promise<void>
}

export const storyStart = new Date('2026-01-31T10:00:00Z')

export async function startWebhookStory(): Promise<WebhookStory> {
  const house = await startTellingHouse(storyStart)
  const receivers: WebhookReceiver[] = []
  const accept = async (...alerts: readonly object[]) => {
    const body = alerts.map((one) => ({ endsAt: '2026-02-01T10:00:00Z', ...one }))
    expect((await house.ask('POST', '/api/v2/alerts', body)).status).toBe(200)
  }
  return {
    house,
    listening: async (answer) => {
      const receiver = await openWebhookReceiver(answer, house.clock)
      receivers.push(receiver)
      return receiver
    },
    route: async (route, ...listeners) => {
      const document = {
        route: { receiver: 'r0', group_wait: '0', group_interval: '1m', ...route },
        receivers: listeners.map(({ url }, index) => ({ name: `r${index}`, webhook_configs: [{ url }] })),
        time_intervals: [
          { name: 'late', time_intervals: [{ times: [{ start_time: '10:10', end_time: '10:20' }] }] },
        ],
      }
      const { status, text } = await house.ask('PUT', '/api/v1/routing', document)
      expect(status, text).toBe(200)
    },
    accept,
    post: async (...alerts) => {
      await accept(...alerts)
      await house.settle()
    },
    over: (alertname) => named(alertname, { endsAt: house.clock().toISOString() }),
    groupsLeft: async () => {
      const { db } = house.memory
      const rows = await Promise.all([db.select().from(alertGroups), db.select().from(alertGroupMembers)])
      return rows.flat().length
    },
    close: async () => {
      await house.close()
      for (const one of receivers) await one.close()
    },
  }
}

export function named(alertname: string, parts: object = {}): object {
  return { labels: { alertname }, ...parts }
}

const told = ({ at, body }: Attempt) =>
  `${(at.getTime() - storyStart.getTime()) / 1000} s: ${body.alerts.map(({ labels, status }) => `${labels['alertname']} ${status}`).join(', ')}`

/** A line for each request: when, and what it said. */
export function heard({ attempts }: WebhookReceiver): string[] {
  return attempts.map(told)
}
