import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { withoutStatement } from '#db/errors.ts'
import {
  foldClaimsBefore,
  forgetLostReaders,
  forgetReader,
  noteReader,
} from '#db/repositories/taken-claims.ts'
import { addressOf, errorTeller } from '#workers/queues/error-teller.ts'
import { answerInTime } from './answer-in-time.ts'
import { connectEventList, type EventList, type EventListOptions } from './event-list.ts'
import { takeEvents, type TakingTools } from './take-events.ts'

export interface Taking {
  /** Waits for the claim in hand, but not for a Redis or a database that does not answer. */
  close(): Promise<void>
}

const noteMs = 10_000
const longestPauseMs = 5000
const closingPatienceMs = 5000
const keepClaimsMs = 30 * 86_400_000

/**
 * Flapjack's Redis list as a door. It opens whether or not Redis is there: an outage is told once, tried again with growing
 * pauses, and told again when it is over. Nothing leaves Redis before it is stored.
 */
export function startTaking(options: EventListOptions & TakingTools): Taking {
  const closing = new AbortController()
  const running = keepTaking(options, closing.signal)
  return {
    async close() {
      closing.abort()
      await Promise.race([running, pause(closingPatienceMs, undefined, { ref: false })])
    },
  }
}

async function keepTaking(options: EventListOptions & TakingTools, signal: AbortSignal): Promise<void> {
  const { db } = options
  const reader = randomUUID()
  const trouble = troubleTeller(options)
  let failures = 0
  while (!signal.aborted) {
    let list: EventList | undefined
    try {
      list = await connectEventList(options, signal)
      await answerInTime(noteReader(db, reader, 'taking'))
      await answerInTime(tidyUp(options))
      const onTurn = turns(options, reader, () => {
        failures = 0
        trouble.isOver()
      })
      await takeEvents(list, options, { signal, onTurn })
    } catch (error) {
      if (signal.aborted) break
      // One connection that breaks is no outage; what the next try says is the better reason, too.
      if (failures > 0) trouble.report(error)
      failures += 1
      await answerInTime(noteReader(db, reader, 'cut_off')).catch(() => undefined)
      const pauseMs = Math.min(125 * 2 ** failures, longestPauseMs)
      await pause(pauseMs, undefined, { signal }).catch(() => undefined)
    } finally {
      list?.disconnect()
    }
  }
  await answerInTime(forgetReader(db, reader)).catch(() => undefined)
}

/** Says that all is well: at once to this process, and now and then to whoever watches from outside. */
function turns({ db }: TakingTools, reader: string, isWell: () => void): () => Promise<void> {
  let notedAt = performance.now()
  return async () => {
    isWell()
    if (performance.now() - notedAt < noteMs) return
    notedAt = performance.now()
    await answerInTime(noteReader(db, reader, 'taking'))
  }
}

async function tidyUp({ db, clock }: TakingTools): Promise<void> {
  await forgetLostReaders(db)
  await foldClaimsBefore(db, new Date(clock().getTime() - keepClaimsMs))
}

interface TroubleTeller {
  report(error: unknown): void
  isOver(): void
}

/** Each reason once in an outage, however long it lasts. */
function troubleTeller({ log, redisUrl, queue }: EventListOptions & TakingTools): TroubleTeller {
  const from = addressOf(redisUrl, 6379)
  const told = new Set<string>()
  const { describe } = errorTeller(() => undefined, [redisUrl])
  return {
    report(error) {
      const because = describe(error instanceof Error ? withoutStatement(error) : error)
      if (told.has(because)) return
      told.add(because)
      log.warn({ queue, from, because }, 'events wait in Redis until this is over; trying again')
    },
    isOver() {
      if (told.size === 0) return
      told.clear()
      log.warn({ queue, from }, 'events are taken from Redis again')
    },
  }
}
