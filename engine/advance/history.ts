import type { Check } from '#engine/check.ts'
import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { CheckMemory, MaintenanceWindow, StateChange } from '#engine/suppress/check-memory.ts'

export type MaintenanceKind = 'scheduled' | 'unscheduled'

/** What is worth keeping of what happened to checks, after their memories have moved on. Each row once. */
export interface CheckHistory {
  readonly stateChanges: readonly (StateChange & { readonly checkId: string })[]
  /** Windows that were not known before, or took the place of one that starts in the same second. */
  readonly begun: readonly MaintenanceSpan[]
  /** Known windows with another end than before; one that ends as it starts was called off. */
  readonly moved: readonly Pick<MaintenanceSpan, 'checkId' | 'kind' | 'startsAt' | 'endsAt'>[]
}

export interface MaintenanceSpan extends MaintenanceWindow {
  readonly checkId: string
  readonly environment: string
  readonly kind: MaintenanceKind
}

interface Noted {
  readonly span: MaintenanceSpan
  readonly isNew: boolean
}

/** `checks`: as each moment left one of them, in order. `memoryBefore`: how it was before the first of them. */
export function historyOf(
  checks: readonly Check[],
  memoryBefore: (check: Check) => CheckMemory,
  now: EpochSeconds,
): CheckHistory {
  const memories = new Map<string, CheckMemory>()
  const stateChanges = new Map<string, CheckHistory['stateChanges'][number]>()
  const spans = new Map<string, Noted>()
  for (const check of checks) {
    const before = memories.get(check.id) ?? memoryBefore(check)
    const { memory, id: checkId } = check
    if (memory === before) continue
    memories.set(checkId, memory)
    const { lastChange } = memory
    if (lastChange && lastChange !== before.lastChange && lastChange.state !== before.lastChange?.state)
      stateChanges.set(`${checkId} ${lastChange.at}`, { ...lastChange, checkId })
    for (const noted of spansOf(check, before, now)) note(spans, noted)
  }
  const noted = [...spans.values()]
  return {
    stateChanges: [...stateChanges.values()],
    begun: noted.filter(({ isNew }) => isNew).map(({ span }) => span),
    moved: noted.filter(({ isNew }) => !isNew).map(({ span }) => span),
  }
}

/** One that began in this very batch stays new, whatever happens to its end. */
function note(spans: Map<string, Noted>, noted: Noted): void {
  const { checkId, kind, startsAt } = noted.span
  const key = `${checkId} ${kind} ${startsAt}`
  spans.set(key, { span: noted.span, isNew: noted.isNew || (spans.get(key)?.isNew ?? false) })
}

function spansOf(check: Check, before: CheckMemory, now: EpochSeconds): Noted[] {
  const { memory: after } = check
  const listed = (window: MaintenanceWindow | null) => (window ? [window] : [])
  return [
    ...(after.scheduled === before.scheduled
      ? []
      : changedWindows(check, 'scheduled', { before: before.scheduled, after: after.scheduled, now })),
    ...(after.unscheduled === before.unscheduled
      ? []
      : changedWindows(check, 'unscheduled', {
          before: listed(before.unscheduled),
          after: listed(after.unscheduled),
          now,
        })),
  ]
}

interface Windows {
  readonly before: readonly MaintenanceWindow[]
  readonly after: readonly MaintenanceWindow[]
  readonly now: EpochSeconds
}

function changedWindows(check: Check, kind: MaintenanceKind, { before, after, now }: Windows): Noted[] {
  const { id: checkId, environment } = check
  const span = ({ startsAt, endsAt, summary }: MaintenanceWindow, isNew: boolean): Noted => ({
    span: { checkId, environment, kind, startsAt, endsAt, summary },
    isNew,
  })
  const known = new Map(before.map((window) => [window.startsAt, window]))
  const kept = new Set(after.map((window) => window.startsAt))
  const cutShort = before
    .filter((window) => !kept.has(window.startsAt) && now < window.endsAt)
    .map((window) => span({ ...window, endsAt: Math.max(window.startsAt, now) }, false))
  const changed = after.flatMap((window) => {
    const earlier = known.get(window.startsAt)
    if (!earlier || earlier.summary !== window.summary) return [span(window, true)]
    return earlier.endsAt === window.endsAt ? [] : [span(window, false)]
  })
  return [...cutShort, ...changed]
}
