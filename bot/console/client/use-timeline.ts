import { useEffect, useReducer, useState } from 'react'
import type { LocalMessage } from '#bot/console/local-chat.ts'
import { isSignedOut, loadMe, loadMessages } from './server.ts'
import { setServerTime } from './server-clock.ts'
import { advance, emptyTimeline, type Happening, type Timeline } from './timeline.ts'

export type Connection = 'connecting' | 'open' | 'lost'

/** The server speaks every 15 s; after this much silence the connection is dead, whatever the browser believes. */
const silenceMs = 40_000
const retryMs = 3000

/** The stream, kept live: read anew after every connection, because edits may have been missed without one. */
export function useTimeline(onSignedOut: () => void): {
  readonly timeline: Timeline
  readonly connection: Connection
  readonly tell: (happening: Happening) => void
} {
  const [timeline, tell] = useReducer(advance, emptyTimeline)
  const [connection, setConnection] = useState<Connection>('connecting')

  useEffect(() => {
    const load = async () => {
      tell({ kind: 'loaded', messages: await loadMessages() })
      setConnection('open')
    }
    return keepOpen({
      onOpen: () => void load().catch(() => setConnection('lost')),
      onMessage: (message) => tell({ kind: 'arrived', message }),
      onLost: () => {
        setConnection('lost')
        loadMe().catch((error: unknown) => isSignedOut(error) && onSignedOut())
      },
    })
  }, [onSignedOut])
  return { timeline, connection, tell }
}

interface Listener {
  readonly onOpen: () => void
  readonly onMessage: (message: LocalMessage) => void
  readonly onLost: () => void
}

function keepOpen({ onOpen, onMessage, onLost }: Listener): () => void {
  let source: EventSource | undefined
  let silence: ReturnType<typeof setTimeout> | undefined

  const reopenIn = (ms: number) => {
    clearTimeout(silence)
    silence = setTimeout(() => {
      onLost()
      open()
    }, ms)
  }
  const open = () => {
    source?.close()
    source = new EventSource('/chat/stream')
    source.addEventListener('open', onOpen)
    source.addEventListener('message', (event: MessageEvent<string>) => {
      reopenIn(silenceMs)
      onMessage(JSON.parse(event.data) as LocalMessage)
    })
    source.addEventListener('alive', (event: MessageEvent<string>) => {
      reopenIn(silenceMs)
      setServerTime(event.data)
    })
    source.addEventListener('error', () => {
      onLost()
      // A browser gives up for good when the answer was an error rather than none.
      if (source?.readyState === EventSource.CLOSED) reopenIn(retryMs)
    })
    reopenIn(silenceMs)
  }
  open()
  return () => {
    clearTimeout(silence)
    source?.close()
  }
}
