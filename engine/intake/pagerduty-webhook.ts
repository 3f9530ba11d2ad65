import { z } from 'zod'
import { makeStorable } from '#engine/storable-text.ts'

/**
 * What people did at PagerDuty, as its V3 webhooks tell it:
 * `{"event": {"id": "01…", "event_type": "incident.acknowledged", "occurred_at": "2026-11-21T00:00:00Z",
 * "agent": {"id": "PXPGF42", "type": "user_reference", "summary": "Ana"}, "data": {"incident_key": "tocsin-…"}}}`
 */
const webhook = z.object({
  event: z.object({
    id: z.string().min(1).max(200),
    event_type: z.string(),
    occurred_at: z.iso.datetime({ offset: true }),
    agent: z.object({ id: z.string().max(100), type: z.string(), summary: z.string() }).nullish(),
    data: z.object({ incident_key: z.string().nullish() }),
  }),
})

export interface PagerDutyNews {
  /** Theirs, and part of what is signed: the same again is a double. */
  readonly eventId: string
  readonly occurredAt: Date
  /** Undefined: nothing that concerns us, or nobody did it. */
  readonly act?: {
    readonly verb: 'acknowledge' | 'resolve'
    readonly incidentId: string
    readonly who: { readonly id: string; readonly name: string }
  }
}

const verbs: Readonly<Record<string, 'acknowledge' | 'resolve'>> = {
  'incident.acknowledged': 'acknowledge',
  'incident.resolved': 'resolve',
}

const ourKey = /^tocsin-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/
const longestName = 100

/** Undefined: it is no webhook of PagerDuty's. */
export function readPagerDutyWebhook(text: string): PagerDutyNews | undefined {
  const { data } = webhook.safeParse(parsed(text))
  if (!data) return undefined
  const { id: eventId, occurred_at, event_type, agent, data: incident } = data.event
  const verb = Object.hasOwn(verbs, event_type) ? verbs[event_type] : undefined
  const incidentId = ourKey.exec(incident.incident_key ?? '')?.[1]
  const news = { eventId, occurredAt: new Date(occurred_at) }
  // What we resolved ourselves comes back by the name of a service.
  if (!verb || incidentId === undefined || agent?.type !== 'user_reference') return news
  const name = makeStorable(agent.summary)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, longestName)
  return { ...news, act: { verb, incidentId, who: { id: agent.id, name: name || 'Somebody at PagerDuty' } } }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
