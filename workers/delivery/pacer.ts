import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { VendorPace } from '#engine/notify/vendor-pace.ts'

type Call = 'post' | 'edit'

/** Keeps the pace a vendor asks for, by the time that really passes. */
export interface Pacer {
  /** Waits until a post would not have to wait, and takes no turn. */
  ready(): Promise<void>
  /** Waits for a turn and takes it. */
  turn(call: Call): Promise<void>
}

export function openPacer({ everyMs, editEveryMs }: VendorPace, closing: AbortSignal): Pacer {
  const freeAt = { post: 0, edit: 0 }
  const kindOf = (call: Call): Call => (editEveryMs === undefined ? 'post' : call)
  const gapMs = { post: everyMs, edit: editEveryMs ?? everyMs }
  const waitUntil = async (at: number) => {
    const ms = at - performance.now()
    if (ms > 0) await pause(ms, undefined, { signal: closing })
  }
  return {
    ready: () => waitUntil(freeAt.post),
    turn: async (call) => {
      const kind = kindOf(call)
      const at = Math.max(freeAt[kind], performance.now())
      freeAt[kind] = at + gapMs[kind]
      await waitUntil(at)
    },
  }
}
