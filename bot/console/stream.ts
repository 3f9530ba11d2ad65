import type { ServerResponse } from 'node:http'
import type { LocalChat, LocalMessage } from './local-chat.ts'

const heartbeatMs = 15_000
const mostStreams = 500
/** A reader this far behind is cut off; it reconnects and reads the list anew. */
const mostUnreadBytes = 4_000_000

export interface Stream {
  /** False when too many are open already. */
  open(response: ServerResponse, headers: Readonly<Record<string, string>>): boolean
  close(): void
}

/**
 * Server-sent events: `message` with a LocalMessage for everything new or edited, and `alive` with our clock every
 * 15 s. `alive` is an event and not a comment because a page cannot see comments, and needs it to notice a
 * connection that died without a word, and to tell ages right on a device whose clock is wrong.
 */
export function openStream(chat: LocalChat, clock: () => Date): Stream {
  const readers = new Set<ServerResponse>()
  const alive = () => `event: alive\ndata: ${clock().toISOString()}\n\n`
  const unsubscribe = chat.subscribe((message) => tellAll(readers, messageEvent(message)))
  const heartbeat = setInterval(() => tellAll(readers, alive()), heartbeatMs)
  heartbeat.unref()
  return {
    open(response, headers) {
      if (readers.size >= mostStreams) return false
      response.writeHead(200, { ...headers, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
      response.write(`retry: 2000\n\n${alive()}`)
      readers.add(response)
      response.on('close', () => readers.delete(response))
      return true
    },
    close() {
      unsubscribe()
      clearInterval(heartbeat)
      for (const reader of readers) reader.end()
    },
  }
}

function messageEvent(message: LocalMessage): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`
}

function tellAll(readers: ReadonlySet<ServerResponse>, text: string): void {
  for (const reader of readers) {
    if (reader.writableLength > mostUnreadBytes) reader.destroy()
    else reader.write(text)
  }
}
