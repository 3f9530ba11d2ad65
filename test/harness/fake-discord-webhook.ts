import { complaintsAboutMessage } from './discord-limits.ts'
import { type FakeVendor, openFakeVendor, type VendorAnswer, type VendorRequest } from './fake-vendor.ts'
import type { Ration } from './ration.ts'

interface WebhookMessage {
  readonly id: string
  content: string
  embeds: unknown
}

export interface FakeDiscordWebhook extends FakeVendor {
  /** The secret URL. */
  readonly webhook: string
  readonly messages: WebhookMessage[]
  /** The query of every request. */
  readonly asked: URLSearchParams[]
}

/** What an execution of a webhook may hold; components would need the bot. */
const known = new Set(['content', 'embeds', 'allowed_mentions'])

/** As its headers say today; they ask not to rely on it. https://discord.com/developers/docs/topics/rate-limits */
export const discordWebhookRation: Ration = { most: 5, withinMs: 2000 }

export async function openFakeDiscordWebhook(ration?: Ration): Promise<FakeDiscordWebhook> {
  const path = '/api/webhooks/1234567890/discordwebhooksecret'
  let posted = 0
  const vendor = await openFakeVendor((request, complain) => {
    if (!request.path.startsWith(path))
      return { status: 404, body: { code: 10_015, message: 'Unknown Webhook' } }
    fake.asked.push(request.query)
    const answer = answerTo(request)
    if (answer.status === 400) complain(JSON.stringify(answer.body))
    return answer
  }, ration)
  const fake: FakeDiscordWebhook = { ...vendor, webhook: vendor.url + path, messages: [], asked: [] }
  return fake

  function answerTo({ method, path: asked, query, body }: VendorRequest): VendorAnswer {
    const message = (body ?? {}) as Record<string, unknown>
    const problems = [
      ...complaintsAboutMessage(message),
      ...Object.keys(message)
        .filter((name) => !known.has(name))
        .map((name) => `unknown field ${name}`),
      ...(JSON.stringify(message['allowed_mentions']) === '{"parse":[]}' ? [] : ['it could mention people']),
    ]
    if (problems.length > 0) return { status: 400, body: { code: 50_035, message: problems.join('; ') } }
    const said = { content: String(message['content']), embeds: message['embeds'] }
    const id = /\/messages\/(\d+)$/.exec(asked)?.[1]
    if (method === 'PATCH') {
      const there = fake.messages.find((one) => one.id === id)
      if (!there) return { status: 404, body: { code: 10_008, message: 'Unknown Message' } }
      return { status: 200, body: Object.assign(there, said) }
    }
    posted += 1
    const fresh = { id: String(1000 + posted), ...said }
    fake.messages.push(fresh)
    return query.get('wait') === 'true' ? { status: 200, body: fresh } : { status: 204 }
  }
}
