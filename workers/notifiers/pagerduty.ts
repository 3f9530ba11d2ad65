import { z } from 'zod'
import { type PagerDutySettings, pagerDutySettings } from '#engine/connection/pagerduty.ts'
import type { OpenConnection } from '#engine/connection/connection.ts'
import { isWorse } from '#engine/event.ts'
import {
  type PagerDutyEvent,
  renderPagerDuty,
  renderPagerDutyChange,
  withoutDetails,
} from '#engine/message/pagerduty.ts'
import type { Subject } from '#engine/message/subject.ts'
import type { Outside, OutsideAnswer } from '#workers/egress/outside.ts'
import { readAnswer } from '#workers/egress/read-answer.ts'
import { refusedBy } from '#workers/egress/refused-by.ts'
import { DeliveryError, type Notifier } from './notifier.ts'
import { isTooMuch } from './telling-less.ts'

/**
 * Events API v2. What is told is how the incident stands, so that anything may be told twice: PagerDuty keeps one alert for each
 * key, and what happened in between is in our own timeline.
 */
export function pagerDutyDriver(connection: OpenConnection, outside: Outside): Notifier {
  const settings = pagerDutySettings.parse(connection.settings)
  const wishes = { routingKey: connection.secrets['routingKey'] ?? '', severities: settings.severities }
  const sendTo = async (path: string, body: object): Promise<DeliveryError | undefined> => {
    const answer = await outside.request({
      url: settings.baseUrl.replace(/\/+$/, '') + path,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return wrongKey(answer) ?? refusedBy(answer, outside.clock())
  }
  const send = (event: PagerDutyEvent) => sendTo('/v2/enqueue', event)
  const tell = async (subject: Subject) => {
    const event = renderPagerDuty(subject, wishes)
    const refused = await send(event)
    const smaller = refused && isTooMuch(refused) ? withoutDetails(event) : undefined
    const refusedStill = smaller ? await send(smaller) : refused
    if (refusedStill) throw refusedStill
  }
  const change = async (subject: Subject) => {
    if (subject.status !== 'firing') return
    const refused = await sendTo('/v2/change/enqueue', renderPagerDutyChange(subject, wishes))
    if (refused) throw refused
  }
  return {
    post: async (_address, { subject }) => {
      if (!subject) return { told: 'no' }
      if (isBelow(settings, subject)) {
        if (settings.changeEvents) await change(subject)
        return { told: 'no' }
      }
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

const complaint = z.object({ errors: z.array(z.string()) })

/** It says so with the status of a body that makes no sense; no other body of ours would fare better. */
function wrongKey(answer: OutsideAnswer): DeliveryError | undefined {
  const { errors = [] } = answer.status === 400 ? (readAnswer(complaint, answer) ?? {}) : {}
  if (!errors.some((error) => /routing.?key/i.test(error))) return undefined
  return new DeliveryError(
    'PagerDuty does not know this integration key: copy it anew from the service, under Integrations, Events API v2.',
    { retry: 'never', fault: 'auth' },
  )
}

function isBelow({ leastSeverity }: PagerDutySettings, subject: Subject): boolean {
  return isWorse(leastSeverity, subject.severity)
}
