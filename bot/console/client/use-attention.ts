import { useEffect } from 'react'

const calm = new URL('./favicon.svg', import.meta.url).href
const firing = new URL('./favicon-firing.svg', import.meta.url).href

/** What a tab in the background can still say: how much is unread, and whether something is firing. */
export function useAttention(unread: number, firingCount: number): void {
  useEffect(() => {
    const count = unread > 0 ? `(${unread}) ` : ''
    document.title = `${count}Tocsin${firingCount > 0 ? ` – ${firingCount} firing` : ''}`
  }, [unread, firingCount])
  const isFiring = firingCount > 0
  useEffect(() => {
    document.querySelector('link[rel=icon]')?.setAttribute('href', isFiring ? firing : calm)
  }, [isFiring])
}
