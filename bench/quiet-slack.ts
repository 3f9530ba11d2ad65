import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** As much of Slack as a command and its answer need, so that the time measured is ours. */
export interface QuietSlack {
  /** What a start needs to speak to it. */
  readonly variables: Readonly<Record<string, string>>
  readonly secret: string
  readonly responseUrl: string
  /** The next answer that arrives at the response_url. */
  nextAnswer(): Promise<unknown>
  close(): Promise<void>
}

const facts: Readonly<Record<string, object>> = {
  '/api/auth.test': { team_id: 'T0HOME', user_id: 'U0BOT', bot_id: 'B0BOT', is_enterprise_install: false },
  '/api/conversations.info': { channel: { id: 'C0ALERTS', name: 'alerts' } },
  '/api/users.info': { user: { id: 'U0ALICE', name: 'alice' } },
  '/api/chat.postMessage': { channel: 'C0ALERTS', ts: '1.1' },
}

export async function openQuietSlack(): Promise<QuietSlack> {
  const answers = new EventEmitter()
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      if (request.url === '/answer') answers.emit('answer')
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ ok: true, ...facts[request.url ?? ''] }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const secret = 'bench-signing-secret'
  return {
    secret,
    responseUrl: `${origin}/answer`,
    variables: {
      SLACK_BOT_TOKEN: 'xoxb-bench',
      SLACK_SIGNING_SECRET: secret,
      SLACK_CHANNEL: 'C0ALERTS',
      SLACK_API_URL: `${origin}/api/`,
    },
    nextAnswer: () => once(answers, 'answer'),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
