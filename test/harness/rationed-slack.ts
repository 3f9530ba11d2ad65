import { createServer } from 'node:http'
import { performance } from 'node:perf_hooks'
import { text } from 'node:stream/consumers'
import { slackComplaints } from './slack-limits.ts'
import { listen } from './slack-http.ts'

interface Posted {
  readonly ts: string
  /** Of a reply. */
  readonly thread: string | undefined
  /** As it stands, its mrkdwn and plain texts one behind the other. */
  said: string
  edits: number
}

/**
 * A channel of Slack that keeps its messages, takes none that breaks a limit of theirs, and is as strict as the limits are
 * published: a message a second in a channel, fifty edits a minute. https://docs.slack.dev/apis/web-api/rate-limits/
 */
export interface RationedSlack {
  readonly apiUrl: string
  readonly messages: readonly Posted[]
  /** When it was called and took it, by the monotonic clock, in ms. */
  readonly calls: readonly number[]
  /** Calls that came too early, or broke a limit. */
  readonly refusals: readonly string[]
  close(): Promise<void>
}

/** A call may be on its way for less time than the one before it. */
const toleranceMs = 50

export async function openRationedSlack(): Promise<RationedSlack> {
  const messages: Posted[] = []
  const calls: number[] = []
  const refusals: string[] = []
  const postedAt: number[] = []
  const editedAt: number[] = []

  const answerTo = (method: string, sent: Sent): object => {
    const now = performance.now()
    const isEdit = method === 'chat.update'
    if (method !== 'chat.postMessage' && !isEdit) return { ok: false, error: 'unknown_method' }
    const isEarly = isEdit
      ? now - (editedAt.at(-50) ?? -Infinity) < 60_000
      : now - (postedAt.at(-1) ?? -Infinity) < 1000 - toleranceMs
    if (isEarly) return refuse(`${method} came too early`, 'ratelimited')
    const complaints = slackComplaints('message', { text: sent.text, blocks: sent.blocks })
    if (complaints.length > 0) return refuse(complaints.join('; '), 'invalid_blocks')
    const said = JSON.stringify(sent.blocks)
    calls.push(now)
    if (isEdit) {
      const known = messages.find(({ ts }) => ts === sent.ts)
      if (!known) return refuse(`there is no message ${sent.ts}`, 'message_not_found')
      editedAt.push(now)
      known.said = said
      known.edits += 1
      return { ok: true, channel: sent.channel, ts: known.ts }
    }
    postedAt.push(now)
    const posted = { ts: `${messages.length + 1}.1`, thread: sent.thread_ts, said, edits: 0 }
    messages.push(posted)
    return { ok: true, channel: sent.channel, ts: posted.ts }
  }
  const refuse = (because: string, error: string) => {
    refusals.push(because)
    return { ok: false, error }
  }

  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const answer = answerTo((request.url ?? '').replace('/api/', ''), readSent(body))
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  const { origin, close } = await listen(server)
  return { apiUrl: `${origin}/api/`, messages, calls, refusals, close }
}

interface Sent {
  readonly channel: string
  readonly text: string
  readonly blocks: unknown
  readonly ts: string | undefined
  readonly thread_ts: string | undefined
}

/** The client sends nested values as JSON inside the form. */
function readSent(body: string): Sent {
  const form = new URLSearchParams(body)
  const optional = (name: string) => form.get(name) ?? undefined
  return {
    channel: form.get('channel') ?? '',
    text: form.get('text') ?? '',
    blocks: JSON.parse(form.get('blocks') ?? '[]'),
    ts: optional('ts'),
    thread_ts: optional('thread_ts'),
  }
}
