import { randomBytes, randomUUID } from 'node:crypto'
import type { Database } from '#db/client.ts'
import { addConnection } from '#db/repositories/connections.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { saveRouting } from '#db/repositories/routings.ts'
import { secretBox } from '#db/secrets/secret-box.ts'
import { aConnection } from '#test/harness/connection-things.ts'
import { openFakeSlackWebhook, slackWebhookRation } from '#test/harness/fake-slack-webhook.ts'
import { openRationedSlack } from '#test/harness/rationed-slack.ts'
import { openEgress } from '#workers/egress/egress.ts'
import { openOutside } from '#workers/egress/outside.ts'
import { integrationNotifiers } from '#workers/notifiers/connections.ts'
import type { Notifier } from '#workers/notifiers/notifier.ts'
import { slackNotifier } from '#workers/notifiers/slack.ts'

/** Where a storm is told, by a vendor that takes no more than it says it takes. */
export interface Room {
  readonly medium: 'slack' | 'slack-webhook'
  readonly name: string
  readonly notifier: Notifier
  readonly messages: readonly { readonly said: string; readonly edits: number }[]
  readonly refusals: readonly string[]
  readonly close: () => Promise<void>
}

export async function openChannel(db: Database): Promise<Room> {
  const slack = await openRationedSlack()
  await rememberDestination(db, {
    surface: 'slack',
    key: 'C0ALERTS',
    name: '#alerts',
    address: { channel: 'C0ALERTS' },
  })
  const notifier = slackNotifier({ botToken: 'xoxb-bench', apiUrl: slack.apiUrl })
  return { ...slack, medium: 'slack', name: 'one channel of Slack', notifier }
}

/** It can edit nothing. */
export async function openIncomingWebhook(db: Database): Promise<Room> {
  const slack = await openFakeSlackWebhook(slackWebhookRation)
  const egress = openEgress(['127.0.0.1'], 4)
  const box = secretBox([randomBytes(32)])
  const draft = aConnection({ name: 'room', kind: 'slack-webhook', secrets: { url: slack.webhook } })
  await addConnection(db, draft, { id: randomUUID(), createdBy: 'bench', box, now: new Date() })
  const outside = openOutside(egress, () => new Date())
  const { 'slack-webhook': notifier } = integrationNotifiers({ db, box, outside })
  if (!notifier) throw new Error("there is no notifier for Slack's webhooks")
  const routing = { route: { receiver: 'room' }, receivers: [{ name: 'room', connections: ['room'] }] }
  await saveRouting(db, firstEnvironment.slug, routing, { now: new Date() })
  return {
    medium: 'slack-webhook',
    name: "one incoming webhook of Slack's",
    notifier,
    get messages() {
      return slack.posted.map((message) => ({ said: JSON.stringify(message), edits: 0 }))
    },
    refusals: slack.complaints,
    close: async () => {
      await slack.close()
      await egress.close()
    },
  }
}
