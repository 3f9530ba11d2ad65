import { sendSigned, slashCommand } from '#test/harness/slack-http.ts'
import { type Figure, figure, milliseconds, times } from './figures.ts'
import type { Product } from './product.ts'
import type { QuietSlack } from './quiet-slack.ts'

const count = 500
const longestMs = 50

/** What is typed into the local chat's command line, until the page has all of the answer. */
export async function measureLocalAnswers({ origin }: Product): Promise<Figure[]> {
  const cookie = await becomeSomebody(origin)
  const say = () =>
    timed(async () => {
      const response = await fetch(`${origin}/chat/say`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin, cookie },
        body: JSON.stringify({ text: 'list' }),
      })
      const answer = await response.text()
      if (!response.ok) throw new Error(`/chat/say answered ${response.status}: ${answer.slice(0, 200)}`)
    })
  const first = await say()
  return [
    times('`list` in the local chat → its answer', await repeat(say), longestMs),
    figure('the first `list` of a person', milliseconds(first)),
  ]
}

/** A browser keeps the cookie of its first answer; without it every line would come from somebody new. */
async function becomeSomebody(origin: string): Promise<string> {
  const response = await fetch(`${origin}/chat/me`)
  await response.text()
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
}

/** A signed request as Slack sends it, until the private answer has come back to Slack. */
export async function measureSlackAnswers({ origin }: Product, slack: QuietSlack): Promise<Figure[]> {
  const body = () => slashCommand('list', { response_url: slack.responseUrl })
  const ask = async () => {
    const answered = slack.nextAnswer()
    const response = await sendSigned(`${origin}/slack/events`, body(), { secret: slack.secret })
    await response.text()
    if (!response.ok) throw new Error(`/slack/events answered ${response.status}`)
    await answered
  }
  const first = await timed(ask)
  return [
    times('`/alert list` from Slack → its answer', await repeat(() => timed(ask)), longestMs),
    figure('the first `/alert list` of a person', milliseconds(first)),
  ]
}

async function timed(act: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await act()
  return performance.now() - started
}

async function repeat(measure: () => Promise<number>): Promise<number[]> {
  const measured: number[] = []
  while (measured.length < count) measured.push(await measure())
  return measured
}
