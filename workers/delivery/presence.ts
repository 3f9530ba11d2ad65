import { setTimeout as pause } from 'node:timers/promises'
import type { Memory } from '#db/client.ts'
import { presenceLock } from '#db/repositories/lanes.ts'
import type { Hands } from '#workers/hands.ts'

/**
 * By its session with the database the others know that this process is there. While it has none somebody else may take its
 * lanes, and it tells nothing.
 */
export interface Presence {
  /** Which session it is, counted; undefined = none. */
  readonly session: () => number | undefined
  readonly close: () => Promise<void>
}

interface Present extends Pick<Hands, 'log'> {
  readonly holder: string
  /** It is there again. */
  readonly back: () => void
}

const pauseMs = 500

/** Resolves when it is there for the first time. */
export async function openPresence(
  memory: Pick<Memory, 'hold'>,
  { holder, log, back }: Present,
): Promise<Presence> {
  const closing = new AbortController()
  let release: (() => Promise<void>) | undefined
  let sessions = 0
  const enter = async () => {
    release = await memory.hold(presenceLock(holder), () => {
      release = undefined
      if (!closing.signal.aborted) void comeBack()
    })
    sessions += 1
    return release !== undefined
  }
  const comeBack = async () => {
    // The server may not have noticed yet that the session before is over.
    while (!(await enters())) {
      if (closing.signal.aborted) return
      await pause(pauseMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined)
    }
    if (closing.signal.aborted) await release?.()
    else back()
  }
  const enters = () =>
    enter().catch((error: unknown) => {
      log.warn({ err: error }, 'nothing is told while the database cannot be reached')
      return false
    })
  await enter()
  return {
    session: () => (release ? sessions : undefined),
    close: async () => {
      closing.abort()
      await release?.()
    },
  }
}
