import { useSyncExternalStore } from 'react'

/** How far this device's clock is off; ages are told by the server's, because a phone's may be wrong. */
let offsetMs = 0
let now = Date.now()
const listeners = new Set<() => void>()
let ticking: ReturnType<typeof setInterval> | undefined

export function setServerTime(iso: string): void {
  offsetMs = Date.parse(iso) - Date.now()
  tick()
}

export function serverNow(): Date {
  return new Date(Date.now() + offsetMs)
}

/** The server's time, refreshed every second while somebody is looking. */
export function useNow(): number {
  return useSyncExternalStore(listen, () => now)
}

function listen(listener: () => void): () => void {
  listeners.add(listener)
  ticking ??= setInterval(tick, 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(ticking)
    ticking = undefined
  }
}

function tick(): void {
  if (document.hidden) return
  now = Math.floor(serverNow().getTime() / 1000) * 1000
  for (const listener of listeners) listener()
}

document.addEventListener('visibilitychange', tick)
