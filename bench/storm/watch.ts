import { once } from 'node:events'
import { loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { usageOf } from '../processes.ts'

/** A server, and the folder that those of its processes name which are not its children. */
export interface Watched {
  readonly pid: number
  readonly folder: string
}

/** What all processes of a server took, from the first look to the last. */
export interface Usage {
  readonly cpuMs: number
  /** The most of a look every half second; what they share is counted once. */
  readonly proportionalPeakKb: number
  /** The kernel's high-water mark of each since its start, summed; what they share is counted in each. */
  readonly residentPeakKb: number
}

/** Looks from a thread of its own. The answer ends the watch. */
export async function watch({ pid, folder }: Watched): Promise<() => Promise<Usage & { load: number }>> {
  const thread = new Worker(new URL('./watch-thread.ts', import.meta.url), { workerData: { pid, folder } })
  let usage: Usage | undefined
  thread.on('message', (latest: Usage) => (usage = latest))
  await once(thread, 'message')
  return async () => {
    const ended = once(thread, 'exit')
    thread.postMessage('last look', [])
    await ended
    if (!usage) throw new Error('the watch saw nothing')
    return { ...usage, load: loadavg()[0] ?? 0 }
  }
}

const restingPercent = 10
const lookMs = 1000

/** Waits until a server is done with what it was given: its start, its silences. */
export async function untilAtRest({ pid, folder }: Watched, patienceMs = 180_000): Promise<void> {
  const cpuMs = () => usageOf(pid, folder).reduce((total, one) => total + one.cpuMs, 0)
  const startedAt = performance.now()
  for (let before = cpuMs(), isAtRest = false; !isAtRest;) {
    if (performance.now() - startedAt > patienceMs)
      throw new Error(`The server was still busy ${patienceMs / 1000} s after its start.`)
    await pause(lookMs)
    const after = cpuMs()
    isAtRest = after - before < (lookMs * restingPercent) / 100
    before = after
  }
}
