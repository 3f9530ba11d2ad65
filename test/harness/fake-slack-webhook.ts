import { type FakeVendor, openFakeVendor } from './fake-vendor.ts'
import type { Ration } from './ration.ts'
import { slackComplaints } from './slack-limits.ts'

interface SlackPosted {
  readonly text: string
  readonly blocks: unknown
}

export interface FakeSlackWebhook extends FakeVendor {
  /** The secret URL. */
  readonly webhook: string
  readonly posted: SlackPosted[]
}

/** https://docs.slack.dev/apis/web-api/rate-limits/ */
export const slackWebhookRation: Ration = { most: 1, withinMs: 1000 }

/** An incoming webhook: its body says `ok` or one word, and it can neither edit nor answer. */
export async function openFakeSlackWebhook(ration?: Ration): Promise<FakeSlackWebhook> {
  const path = '/services/T0000/B0000/slackwebhooksecret'
  const vendor = await openFakeVendor((request, complain) => {
    if (request.path !== path) return { status: 404, body: 'no_service' }
    const { unfurl_links, unfurl_media, ...message } = (request.body ?? {}) as Record<string, unknown>
    const problems = [
      ...slackComplaints('message', message),
      ...(unfurl_links === false && unfurl_media === false ? [] : ['it would show previews']),
      ...(hasInteraction(message) ? ['a button nobody would hear of'] : []),
    ]
    for (const problem of problems) complain(problem)
    if (problems.length > 0) return { status: 400, body: 'invalid_payload' }
    fake.posted.push(message as unknown as SlackPosted)
    return { status: 200, body: 'ok' }
  }, ration)
  const fake: FakeSlackWebhook = { ...vendor, webhook: vendor.url + path, posted: [] }
  return fake
}

/** A button that opens a page is fine; one that carries a value wants somebody to hear it. */
function hasInteraction(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasInteraction)
  if (typeof value !== 'object' || value === null) return false
  const { type, value: carried } = value as { type?: unknown; value?: unknown }
  if (type === 'static_select' || (type === 'button' && carried !== undefined)) return true
  return Object.values(value).some(hasInteraction)
}
