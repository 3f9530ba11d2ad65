import { z } from 'zod'

const heardSchema = z.object({ postedAt: z.iso.datetime(), message: z.object({ headline: z.string() }) })

export interface HeardMessage {
  readonly headline: string
  readonly postedAt: number
  /** When its last byte reached us, in epoch milliseconds. */
  readonly heardAt: number
}

/** Listens to the local chat as its page does: server-sent events. Resolves once the stream is open. */
export async function hearMessages(
  origin: string,
  hear: (message: HeardMessage) => void,
): Promise<() => void> {
  const hangUp = new AbortController()
  const response = await fetch(`${origin}/chat/stream`, { signal: hangUp.signal })
  if (!response.ok || !response.body) throw new Error(`the chat's stream answered ${response.status}`)
  void listen(response.body, hear).catch((error: unknown) => {
    if (!hangUp.signal.aborted) throw error
  })
  return () => hangUp.abort()
}

async function listen(
  body: ReadableStream<Uint8Array>,
  hear: (message: HeardMessage) => void,
): Promise<void> {
  const decoder = new TextDecoder()
  let unread = ''
  for await (const chunk of body) {
    const heardAt = Date.now()
    const events = (unread + decoder.decode(chunk, { stream: true })).split('\n\n')
    unread = events.pop() ?? ''
    for (const event of events) {
      const data = /^event: message\ndata: (.*)$/s.exec(event)?.[1]
      if (data === undefined) continue
      const { postedAt, message } = heardSchema.parse(JSON.parse(data))
      hear({ headline: message.headline, postedAt: Date.parse(postedAt), heardAt })
    }
  }
}
