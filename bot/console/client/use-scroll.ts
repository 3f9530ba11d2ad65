import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { newestId, type Timeline } from './timeline.ts'

const nearPx = 80

export interface Scroll {
  readonly room: React.RefObject<HTMLElement | null>
  /** Messages that came while nobody was looking at the end of the stream. */
  readonly unread: number
  readonly toEnd: () => void
}

/** Stays at the end while one is there, and stays put while one reads further up. */
export function useScroll(timeline: Timeline): Scroll {
  const room = useRef<HTMLElement>(null)
  /** How high the stream was when it was last looked at: where one stood is told by that, not by what came since. */
  const heightPx = useRef(0)
  const [seen, setSeen] = useState<number>()
  const newest = newestId(timeline)
  const isLoaded = timeline.isLoaded

  const toEnd = useCallback(() => {
    room.current?.scrollTo({ top: room.current.scrollHeight })
  }, [])
  const look = useCallback(() => {
    const wasAtEnd = isAtEnd(room.current, heightPx.current)
    if (wasAtEnd && isLoaded && !document.hidden) setSeen(newest)
    heightPx.current = room.current?.scrollHeight ?? 0
    return wasAtEnd
  }, [newest, isLoaded])
  const follow = useCallback(() => {
    if (look()) toEnd()
  }, [look, toEnd])

  useKeptPlace(room, { first: timeline.messages[0]?.id, heightPx })
  useLayoutEffect(follow, [timeline, follow])
  useEffect(() => {
    const shown = room.current
    // A picture, a font or the phone's keyboard changes heights without any scrolling.
    const observer = new ResizeObserver(follow)
    for (const part of shown ? [shown, ...shown.children] : []) observer.observe(part)
    shown?.addEventListener('scroll', look, { passive: true })
    document.addEventListener('visibilitychange', look)
    return () => {
      observer.disconnect()
      shown?.removeEventListener('scroll', look)
      document.removeEventListener('visibilitychange', look)
    }
  }, [look, follow])

  const unread = seen === undefined ? 0 : timeline.messages.filter(({ id }) => id > seen).length
  return { room, unread, toEnd }
}

function isAtEnd(room: HTMLElement | null, heightPx: number): boolean {
  return room === null || heightPx - room.scrollTop - room.clientHeight < nearPx
}

/** Earlier messages are put above what is being read, and must not push it away. */
function useKeptPlace(
  room: Scroll['room'],
  { first, heightPx }: { first: number | undefined; heightPx: { current: number } },
): void {
  const before = useRef(first)
  useLayoutEffect(() => {
    const shown = room.current
    if (shown && first !== undefined && before.current !== undefined && first < before.current) {
      shown.scrollBy({ top: shown.scrollHeight - heightPx.current })
      heightPx.current = shown.scrollHeight
    }
    before.current = first
  }, [room, first, heightPx])
}
