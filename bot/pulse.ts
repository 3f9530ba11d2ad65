import { beatPulse } from '#db/repositories/pulses.ts'
import { pulseEveryMs } from '#engine/outage.ts'
import type { Desk } from './desk.ts'

/** Notes that somebody can be heard here; how long nobody could is known by the gap. */
export async function startPulse({ db, clock, log }: Desk): Promise<{ close(): void }> {
  await beatPulse(db, clock())
  const beating = setInterval(() => {
    beatPulse(db, clock()).catch((error: unknown) =>
      log.warn({ err: error }, 'that the doors are open could not be noted; trying again in a moment'),
    )
  }, pulseEveryMs)
  return { close: () => clearInterval(beating) }
}
