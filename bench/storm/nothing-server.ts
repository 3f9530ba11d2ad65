import { Agent, createServer, request } from 'node:http'
import { groupLabel, numberLabel } from './alerts.ts'

/** Tells each POST on at once: one webhook for each alert that is news, or one for each group with such alerts. */
const [port = '', webhookUrl = '', grouping = ''] = process.argv.slice(2)

interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly endsAt?: string
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const known = new Map<string, PostedAlert>()

createServer((asked, answer) => {
  const chunks: Buffer[] = []
  asked.on('data', (chunk: Buffer) => chunks.push(chunk))
  asked.on('end', () => {
    if (asked.method === 'GET') return void answer.end(JSON.stringify(Array.from(known.values())))
    if (asked.url === '/api/v2/silences') return void answer.end('{}')
    const body = Buffer.concat(chunks).toString()
    const alerts: PostedAlert[] = JSON.parse(body)
    answer.end()
    tell(alerts.filter(isNews))
  })
}).listen(Number(port), '127.0.0.1')

function isNews(alert: PostedAlert): boolean {
  const number = alert.labels[numberLabel] ?? ''
  const before = known.get(number)
  known.set(number, alert)
  return !before || before.endsAt !== alert.endsAt
}

function tell(alerts: readonly PostedAlert[]): void {
  const label = grouping === 'own' ? numberLabel : groupLabel
  for (const [groupKey = '', some] of Map.groupBy(alerts, ({ labels }) => labels[label])) {
    const body = JSON.stringify({
      version: '4',
      groupKey,
      receiver: 'nobody',
      alerts: some.map((alert) => ({ ...alert, status: alert.endsAt === undefined ? 'firing' : 'resolved' })),
    })
    const telling = request(webhookUrl, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json' },
    })
    telling.on('response', (response) => response.resume()).on('error', () => undefined)
    telling.end(body)
  }
}
