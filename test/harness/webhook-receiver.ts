import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { webhookBody } from '#engine/dispatch/webhook-body.ts'

export type WebhookBody = ReturnType<typeof webhookBody>

export interface Attempt {
  /** By the clock the receiver was given. */
  readonly at: Date
  readonly body: WebhookBody
}

export interface WebhookReceiver {
  readonly url: string
  readonly port: number
  /** Every request, in the order they came, whatever it was answered. */
  readonly attempts: readonly Attempt[]
  close(): Promise<void>
}

export type Answer = (response: ServerResponse, attempt: Attempt, nth: number) => void

const thanks: Answer = (response) => response.writeHead(200).end()

/** Somebody on loopback who listens to webhooks, over real HTTP. */
export async function openWebhookReceiver(
  answer: Answer = thanks,
  clock: () => Date = () => new Date(),
): Promise<WebhookReceiver> {
  const attempts: Attempt[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const attempt = { at: clock(), body: JSON.parse(body) as WebhookBody }
      attempts.push(attempt)
      answer(response, attempt, attempts.length)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    attempts,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}
