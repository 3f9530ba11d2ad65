import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '#db/client.ts'
import { type Said, saveOutcomes } from '#db/repositories/outcomes.ts'

/** Resolves when it is on the disk. */
export type Save = (said: Said) => Promise<void>

/** A database that restarts is back within them; after that what was said is said again, with the same id. */
const pausesMs = [50, 200, 500, 1000, 2000, 4000]

/** Between two statements, unless much waits: each is a commit, and takes the processors from what is yet to be said. */
const restMs = 10
const much = 16

/** Written down at once; what is said while one statement is on its way, or just after, goes together with the next. */
export function openSaver(db: Database, clock: () => Date): Save {
  let waiting: Said[] = []
  let next: Promise<void> | undefined
  let writing: Promise<void> = Promise.resolve()
  let restUntil = 0
  let enough = Promise.withResolvers<void>()
  const rest = async () => {
    const ms = restUntil - performance.now()
    if (ms > 0 && waiting.length < much) await Promise.race([pause(ms), enough.promise])
  }
  const write = async () => {
    await writing.catch(() => undefined)
    await rest()
    const all = waiting
    waiting = []
    next = undefined
    enough = Promise.withResolvers()
    restUntil = performance.now() + restMs
    writing = persist(db, together(all), clock)
    await writing
  }
  return (said) => {
    waiting.push(said)
    if (waiting.length >= much) enough.resolve()
    next ??= write()
    return next
  }
}

function together(all: readonly Said[]): Said {
  return {
    outcomes: all.flatMap(({ outcomes }) => outcomes),
    receipts: all.flatMap(({ receipts }) => receipts ?? []),
    digested: all.flatMap(({ digested }) => digested ?? []),
  }
}

async function persist(db: Database, said: Said, clock: () => Date): Promise<void> {
  for (const pauseMs of pausesMs) {
    try {
      return await saveOutcomes(db, said, clock())
    } catch {
      await pause(pauseMs)
    }
  }
  await saveOutcomes(db, said, clock())
}
