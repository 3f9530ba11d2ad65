import { type PagerDutySettings, pagerDutySettings } from '#engine/connection/pagerduty.ts'
import type { OpenConnection } from '#engine/connection/connection.ts'
import { isWorse } from '#engine/event.ts'
import { type PagerDutyEvent, renderPagerDuty, withoutDetails } from '#engine/message/pagerduty.ts'
import type { Subject } from '#engine/message/subject.ts'
import type { Outside } from '#workers/egress/outside.ts'
import { refusedBy } from '#workers/egress/refused-by.ts'
import type { DeliveryError, Notifier } from './notifier.ts'
import { isTooMuch } from './telling-less.ts'

/**
 * Events API v2. What is told is how the incident stands, so that anything may be told twice: PagerDuty keeps one alert for each
 * key, and what happened in between is in our own timeline.
 */
export function pagerDutyDriver(connection: OpenConnection, outside: Outside): Notifier {
  const settings = pagerDutySettings.parse(connection.settings)
  const wishes = { routingKey: connection.secrets['routingKey'] ?? '', severities: settings.severities }
  const tell = async (subject: Subject) => {
    const event = renderPagerDuty(subject, wishes)
    const refused = await send(event, settings, outside)
    const smaller = refused && isTooMuch(refused) ? withoutDetails(event) : undefined
    const refusedStill = smaller ? await send(smaller, settings, outside) : refused
    if (refusedStill) throw refusedStill
  }
  return {
    post: async (_address, { subject }) => {
      if (!subject || isBelow(settings, subject)) return { told: 'no' }
      await tell(subject)
      return { told: 'yes' }
    },
    update: async ({ told }, { subject }) => {
      if (!subject || (told !== 'yes' && isBelow(settings, subject))) return undefined
      await tell(subject)
      return told === 'yes' ? undefined : { told: 'yes' }
    },
    reply: async () => undefined,
  }
}

async function send(
  event: PagerDutyEvent,
  { baseUrl }: PagerDutySettings,
  outside: Outside,
): Promise<DeliveryError | undefined> {
  const answer = await outside.request({
    url: `${baseUrl.replace(/\/+$/, '')}/v2/enqueue`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  })
  return refusedBy(answer, outside.clock())
}

function isBelow({ leastSeverity }: PagerDutySettings, subject: Subject): boolean {
  return isWorse(leastSeverity, subject.severity)
}
