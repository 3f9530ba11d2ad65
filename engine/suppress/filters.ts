import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { CheckEvent, CheckState } from '#engine/event.ts'
import { isInUnscheduledMaintenance } from './acknowledgement.ts'
import { type CheckMemory, isFailing } from './check-memory.ts'
import { isInScheduledMaintenance } from './maintenance.ts'

/** Why an event is not news. `until`: the first second in which this reason no longer holds. */
export type Block =
  | { readonly by: 'NewCheckOk' }
  | { readonly by: 'Ok'; readonly because: 'was-ok' | 'never-notified' | 'already-recovered' }
  | { readonly by: 'ScheduledMaintenance'; readonly until: EpochSeconds }
  | { readonly by: 'UnscheduledMaintenance'; readonly until: EpochSeconds }
  | {
      readonly by: 'Delays'
      readonly because: 'initial' | 'repeat'
      readonly until: EpochSeconds | 'recovery'
    }
  | { readonly by: 'Acknowledgement'; readonly because: 'not-failing' }

export interface FilterQuestion {
  readonly event: CheckEvent
  /** With this event's state already in it. */
  readonly memory: CheckMemory
  readonly stateBefore: CheckState | null
  readonly now: EpochSeconds
  readonly delays: FailureDelays
}

export interface FailureDelays {
  readonly initialSeconds: number
  readonly repeatSeconds: number | 'never'
}

/** The first filter that blocks, in Flapjack's order, or null when people shall hear of it. */
export function firstBlock(question: FilterQuestion): Block | null {
  return (
    newCheckOk(question) ??
    ok(question) ??
    scheduledMaintenance(question) ??
    unscheduledMaintenance(question) ??
    delays(question) ??
    acknowledgement(question)
  )
}

const blockNewCheckOk: Block = { by: 'NewCheckOk' }
const blockWasOk: Block = { by: 'Ok', because: 'was-ok' }
const blockNeverNotified: Block = { by: 'Ok', because: 'never-notified' }
const blockAlreadyRecovered: Block = { by: 'Ok', because: 'already-recovered' }
const blockNotFailing: Block = { by: 'Acknowledgement', because: 'not-failing' }

/** That a check exists and is well is no recovery. */
function newCheckOk({ event, stateBefore }: FilterQuestion): Block | null {
  return event.kind === 'service' && event.state === 'ok' && stateBefore === null ? blockNewCheckOk : null
}

function ok({ event, memory, stateBefore }: FilterQuestion): Block | null {
  if (event.kind !== 'service' || event.state !== 'ok') return null
  if (stateBefore === 'ok') return blockWasOk
  if (memory.notified.last === null) return blockNeverNotified
  return memory.notified.last === 'recovery' ? blockAlreadyRecovered : null
}

/** Everything, acknowledgements and tests included. */
function scheduledMaintenance({ memory, now }: FilterQuestion): Block | null {
  if (memory.scheduledMark === null || !isInScheduledMaintenance(memory, now)) return null
  return { by: 'ScheduledMaintenance', until: memory.scheduledMark.endsAt }
}

/** Everything but a further acknowledgement. */
function unscheduledMaintenance({ event, memory, now }: FilterQuestion): Block | null {
  if (
    event.kind === 'acknowledgement' ||
    memory.unscheduled === null ||
    !isInUnscheduledMaintenance(memory, now)
  )
    return null
  return { by: 'UnscheduledMaintenance', until: memory.unscheduled.endsAt }
}

/** At exactly the delay it passes. A change between failing states starts the initial delay anew. */
function delays({ event, memory, now, delays }: FilterQuestion): Block | null {
  if (event.kind !== 'service' || event.state === 'ok' || memory.lastChange === null) return null
  const mature = memory.lastChange.at + delays.initialSeconds
  if (now < mature) return { by: 'Delays', because: 'initial', until: mature }
  const { last, lastProblemAt } = memory.notified
  if (lastProblemAt === null || last !== event.state) return null
  if (delays.repeatSeconds === 'never') return { by: 'Delays', because: 'repeat', until: 'recovery' }
  const due = lastProblemAt + delays.repeatSeconds
  return now < due ? { by: 'Delays', because: 'repeat', until: due } : null
}

function acknowledgement({ event, memory }: FilterQuestion): Block | null {
  return event.kind === 'acknowledgement' && !isFailing(memory) ? blockNotFailing : null
}
