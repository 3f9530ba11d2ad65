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
  const isAtEnd = useRef(true)
  const [seen, setSeen] = useState<number>()
  const newest = newestId(timeline)
  const isLoaded = timeline.isLoaded

  const look = useCallback(() => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = room.current ?? {}
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < nearPx
    if (isAtEnd.current && !document.hidden && isLoaded) setSeen(newest)
  }, [newest, isLoaded])

  const toEnd = useCallback(() => {
    room.current?.scrollTo({ top: room.current.scrollHeight })
  }, [])

  useLayoutEffect(() => {
    if (isAtEnd.current) toEnd()
    look()
  }, [timeline, toEnd, look])

  useEffect(() => {
    const shown = room.current
    // A picture, a font or the phone's keyboard changes heights without any scrolling.
    const observer = new ResizeObserver(() => isAtEnd.current && toEnd())
    if (shown) observer.observe(shown)
    for (const child of shown?.children ?? []) observer.observe(child)
    shown?.addEventListener('scroll', look, { passive: true })
    document.addEventListener('visibilitychange', look)
    return () => {
      observer.disconnect()
      shown?.removeEventListener('scroll', look)
      document.removeEventListener('visibilitychange', look)
    }
  }, [look, toEnd])

  const unread = seen === undefined ? 0 : timeline.messages.filter(({ id }) => id > seen).length
  return { room, unread, toEnd }
}
