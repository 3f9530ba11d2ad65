import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { countRingCheck } from '#db/repositories/ring-checks.ts'
import type { RingCheck } from '#engine/telemetry/ring-check.ts'

/** Counts it for the metrics, and tells people where memory was wrong. */
export async function noteRingCheck(db: Database, log: Logger, check: RingCheck): Promise<void> {
  const { relation, outcome, difference } = check
  if (outcome === 'different')
    log.warn(
      { relation, difference },
      'what was remembered of telemetry is not what is stored; it is forgotten and read anew',
    )
  try {
    await countRingCheck(db, check)
  } catch (error) {
    log.warn({ err: error, relation, outcome }, 'a look at what is remembered of telemetry was not counted')
  }
}
