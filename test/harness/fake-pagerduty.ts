import { z } from 'zod'
import { type FakeVendor, openFakeVendor, type VendorAnswer } from './fake-vendor.ts'

/** https://developer.pagerduty.com/docs/send-alert-event, with what its own OpenAPI lets through by mistake refused too. */
const named = { routing_key: z.string().length(32), dedup_key: z.string().min(1).max(255) }
const web = z.string().regex(/^https?:\/\//)

const trigger = z.strictObject({
  ...named,
  event_action: z.literal('trigger'),
  client: z.string().optional(),
  client_url: web.optional(),
  links: z.array(z.strictObject({ href: web, text: z.string() })).optional(),
  payload: z.strictObject({
    summary: z.string().min(1).max(1024),
    source: z.string().min(1),
    severity: z.enum(['critical', 'error', 'warning', 'info']),
    timestamp: z.iso.datetime(),
    component: z.string().optional(),
    group: z.string().optional(),
    class: z.string().optional(),
    custom_details: z.record(z.string(), z.unknown()).optional(),
  }),
})
const change = z.strictObject({ ...named, event_action: z.enum(['acknowledge', 'resolve']) })

const changeEvent = z.strictObject({
  routing_key: z.string().length(32),
  payload: z.strictObject({
    summary: z.string().min(1).max(1024),
    source: z.string().min(1),
    timestamp: z.iso.datetime(),
    custom_details: z.record(z.string(), z.unknown()),
  }),
  links: z.array(z.strictObject({ href: web, text: z.string() })).optional(),
})

const mostBytes = 512 * 1024
const mostPerMinute = 120

interface PagerDutyAlert {
  readonly key: string
  status: 'triggered' | 'acknowledged' | 'resolved'
  summary: string
  severity: string
  details: unknown
  triggers: number
}

export interface FakePagerDuty extends FakeVendor {
  /** In the order they were opened; a trigger after a resolve opens another one. */
  readonly alerts: PagerDutyAlert[]
  /** Summaries of change events, which open nothing. */
  readonly changes: string[]
  /** Acknowledgements and resolutions of what it does not know, which it accepts and drops. */
  dropped: number
  /** Smaller ones refuse more. */
  mostBytes: number
}

export async function openFakePagerDuty(routingKey: string, clock: () => Date): Promise<FakePagerDuty> {
  const calls: number[] = []
  const take = (raw: string, body: unknown, complain: (why: string) => void): VendorAnswer => {
    const now = clock().getTime()
    if (calls.filter((at) => now - at < 60_000).length >= mostPerMinute) return { status: 429 }
    calls.push(now)
    if (Buffer.byteLength(raw) > fake.mostBytes) return invalid('event size exceeds the limit')
    const checked = z.discriminatedUnion('event_action', [trigger, change]).safeParse(body)
    if (!checked.success) {
      complain(z.prettifyError(checked.error))
      return invalid(z.prettifyError(checked.error))
    }
    if (checked.data.routing_key !== routingKey) return invalid('invalid routing key')
    follow(checked.data)
    return {
      status: 202,
      body: { status: 'success', message: 'Event processed', dedup_key: checked.data.dedup_key },
    }
  }
  const follow = (event: z.infer<typeof trigger> | z.infer<typeof change>) => {
    const open = fake.alerts.find(({ key, status }) => key === event.dedup_key && status !== 'resolved')
    if (event.event_action !== 'trigger') {
      if (open) open.status = event.event_action === 'resolve' ? 'resolved' : 'acknowledged'
      else fake.dropped += 1
      return
    }
    const { summary, severity, custom_details: details } = event.payload
    if (open) Object.assign(open, { summary, severity, details, triggers: open.triggers + 1 })
    else
      fake.alerts.push({ key: event.dedup_key, status: 'triggered', summary, severity, details, triggers: 1 })
  }
  const takeChange = (body: unknown, complain: (why: string) => void): VendorAnswer => {
    const checked = changeEvent.safeParse(body)
    if (!checked.success) {
      complain(z.prettifyError(checked.error))
      return invalid(z.prettifyError(checked.error))
    }
    if (checked.data.routing_key !== routingKey) return invalid('invalid routing key')
    fake.changes.push(checked.data.payload.summary)
    return { status: 202, body: { status: 'success', message: 'Change event processed' } }
  }
  const vendor = await openFakeVendor(({ method, path, raw, body }, complain) => {
    if (method === 'POST' && path === '/v2/enqueue') return take(raw, body, complain)
    if (method === 'POST' && path === '/v2/change/enqueue') return takeChange(body, complain)
    return { status: 404 }
  })
  const fake: FakePagerDuty = { ...vendor, alerts: [], changes: [], dropped: 0, mostBytes }
  return fake
}

function invalid(why: string): VendorAnswer {
  return { status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors: [why] } }
}
