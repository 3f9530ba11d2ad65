import { setTimeout as sleep } from 'node:timers/promises'
import { type DemoStore, Feeder } from './feeder.ts'
import { Outage } from './outage.ts'
import type { World } from './world.ts'

interface DemoOptions {
  readonly store: DemoStore
  readonly world: World
  readonly clock: () => Date
  readonly report: (line: string) => void
  /** Told once when writing begins to fail, not once a second. */
  readonly onError: (error: unknown) => void
}

/** Fixed, so that a restart continues the same world. */
export const demoSeed = 20_261_121
const tickMs = 1000
const longestPauseMs = 30_000
/** A store that hangs must not hold up the end of the process. */
const closePatienceMs = 2000

/** Fills in the last hour, then writes every second what happened in it, until closed; a store that is down is waited for. */
export async function startDemo(options: DemoOptions): Promise<{ close(): Promise<void> }> {
  const { store, world, clock, report } = options
  const feeder = new Feeder(store, world, demoSeed)
  const outage = new Outage(options)
  const round = () => outage.watch(() => feeder.feed(clock()))
  await round()
  report(
    `Demo: feeding ${world.services.length} services in ${world.environment}; now and then something breaks.`,
  )
  const closing = new AbortController()
  const running = repeat(round, { clock, outage, signal: closing.signal })
  return {
    async close() {
      closing.abort()
      await Promise.race([running, sleep(closePatienceMs, undefined, { ref: false })])
    },
  }
}

interface Repetition {
  readonly clock: () => Date
  readonly outage: Outage
  readonly signal: AbortSignal
}

async function repeat(round: () => Promise<void>, { clock, outage, signal }: Repetition): Promise<void> {
  while (!signal.aborted) {
    const untilNextTickMs = tickMs - (clock().getTime() % tickMs)
    const backOffMs = Math.min(tickMs * (2 ** outage.failures - 1), longestPauseMs)
    await sleep(untilNextTickMs + backOffMs, undefined, { signal }).catch(() => undefined)
    if (!signal.aborted) await round()
  }
}
