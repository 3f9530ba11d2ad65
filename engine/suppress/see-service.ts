import type { ServiceEvent } from '#engine/event.ts'
import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { CheckMemory, StateChange } from './check-memory.ts'

/** What a service event leaves behind before anyone asks whether it is news; the same object when it leaves nothing. */
export function seeService(memory: CheckMemory, event: ServiceEvent, now: EpochSeconds): CheckMemory {
  const refreshed = refresh(notAhead(memory, now), event)
  return refreshed.lastChange?.state === event.state ? refreshed : change(refreshed, event, now)
}

/** The clock was set back: what seems to lie ahead counts from now, so that nobody waits for the clock to catch up. */
function notAhead(memory: CheckMemory, now: EpochSeconds): CheckMemory {
  const { lastChange, notified } = memory
  const isChangeAhead = lastChange !== null && lastChange.at > now
  const isProblemAhead = notified.lastProblemAt !== null && notified.lastProblemAt > now
  if (!isChangeAhead && !isProblemAhead) return memory
  return {
    ...memory,
    lastChange: isChangeAhead ? { ...lastChange, at: now } : lastChange,
    notified: isProblemAhead ? { ...notified, lastProblemAt: now } : notified,
  }
}

function refresh(memory: CheckMemory, event: ServiceEvent): CheckMemory {
  const perfdata = event.perfdata ?? memory.perfdata
  const isKnown =
    memory.isEnabled &&
    memory.summary === event.summary &&
    memory.details === event.details &&
    memory.perfdata === perfdata
  return isKnown
    ? memory
    : { ...memory, isEnabled: true, summary: event.summary, details: event.details, perfdata }
}

/** History knows one change a second: of several in the same second the last one stays. */
function change(memory: CheckMemory, event: ServiceEvent, now: EpochSeconds): CheckMemory {
  const replaced = memory.lastChange?.at === now ? memory.lastChange : null
  const lastChange: StateChange = {
    state: event.state,
    at: now,
    summary: event.summary ?? replaced?.summary ?? null,
  }
  return { ...memory, lastChange, changeBefore: replaced ? memory.changeBefore : memory.lastChange }
}
