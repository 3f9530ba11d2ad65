import { type FakeVendor, openFakeVendor } from './fake-vendor.ts'
import type { Ration } from './ration.ts'
import { teamsCardProblems } from './teams-limits.ts'

export interface FakeTeamsWorkflow extends FakeVendor {
  /** The secret URL. */
  readonly webhook: string
  /** Cards in the channel. */
  readonly posted: object[]
  /** Runs that failed after they had been accepted, which the sender never hears of. */
  readonly failedRuns: string[]
}

const mostBytes = 28 * 1024

/** Of the limits that are published for webhooks in Teams the one for half a minute: a test does not run for an hour. */
export const teamsWorkflowRation: Ration = { most: 60, withinMs: 30_000 }

/** A flow of Power Automate: it says 202 and fails later, all by itself. */
export async function openFakeTeamsWorkflow(ration?: Ration): Promise<FakeTeamsWorkflow> {
  const path = '/workflows/0123/triggers/manual/paths/invoke'
  const signature = 'workflowsecret'
  const vendor = await openFakeVendor((request, complain) => {
    if (request.path !== path || request.query.get('sig') !== signature)
      return { status: 401, body: { error: { code: 'DirectApiAuthorizationRequired' } } }
    if (Buffer.byteLength(request.raw) > mostBytes) {
      complain('more than 28 KB')
      return { status: 413 }
    }
    const problem = problemOf(request.body)
    if (problem === undefined) fake.posted.push(cardOf(request.body) ?? {})
    else {
      complain(problem)
      fake.failedRuns.push(problem)
    }
    return { status: 202 }
  }, ration)
  const webhook = `${vendor.url}${path}?api-version=1&sig=${signature}`
  const fake: FakeTeamsWorkflow = { ...vendor, webhook, posted: [], failedRuns: [] }
  return fake
}

function cardOf(body: unknown): Record<string, unknown> | undefined {
  const { type, attachments } = (body ?? {}) as {
    type?: unknown
    attachments?: readonly Record<string, unknown>[]
  }
  const [attachment] = attachments ?? []
  if (type !== 'message' || attachment?.['contentType'] !== 'application/vnd.microsoft.card.adaptive')
    return undefined
  return attachment['content'] as Record<string, unknown>
}

/** The flow shows cards up to 1.4, without anything that would have to be answered. */
function problemOf(body: unknown): string | undefined {
  const card = cardOf(body)
  if (!card) return 'the flow runs over no attachments'
  if (card['version'] !== '1.4') return `a card of version ${String(card['version'])}`
  const text = JSON.stringify(card)
  if (/"Action\.(Execute|Submit)"/.test(text)) return 'a button that nobody would hear of'
  return teamsCardProblems(card).join('; ') || undefined
}
