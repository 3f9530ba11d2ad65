import type { Happening } from '#engine/advance/advance.ts'
import type { TimelineKind } from '#engine/incident/timeline.ts'

/** Why a destination is told; stored with every notification. */
export type Reason =
  | 'first'
  | 'severity-rise'
  /** Another alert joined its incident. */
  | 'more'
  | 'reminder'
  | 'acknowledged'
  /** Nobody acted, so others are told. */
  | 'escalated'
  /** Whether its acknowledgement still holds. */
  | 'asked'
  | 'unacknowledged'
  | 'silenced'
  | 'resolved'
  | 'recovered'
  /** It outlasted what had kept it quiet. */
  | 'still-firing'
  /** What the message shows is no longer true; not worth a word. */
  | 'edit'
  /** It is about a silence, a maintenance or a test. */
  | 'announcement'
  | 'reopened'
  | 'cleared'
  | 'flapping'

/** What an advance of an alert means for people: an entry in the story and a reason to tell, or an edit without a word; undefined = neither. */
export function newsOf(happening: Happening): { kind?: TimelineKind; reason: Reason } | undefined {
  switch (happening) {
    case 'fired':
      return { kind: 'fired', reason: 'first' }
    case 'severity-rose':
      return { kind: 'severity-rose', reason: 'severity-rise' }
    case 'reminded':
      return { kind: 'reminded', reason: 'reminder' }
    case 'acknowledged':
      return { kind: 'acknowledged', reason: 'acknowledged' }
    case 'recovered':
      return { kind: 'recovered', reason: 'recovered' }
    case 'reopened':
      return { kind: 'reopened', reason: 'reopened' }
    case 'cleared':
      return { kind: 'cleared', reason: 'cleared' }
    case 'flapping-started':
    case 'flapping-stopped':
      return { kind: happening, reason: 'flapping' }
    case 'turned':
      return { reason: 'edit' }
    case 'pending':
    case 'forgotten':
      return undefined
  }
}

const reasonOf: Record<TimelineKind, Reason> = {
  fired: 'first',
  'severity-rose': 'severity-rise',
  joined: 'more',
  'part-recovered': 'edit',
  reminded: 'reminder',
  acknowledged: 'acknowledged',
  escalated: 'escalated',
  asked: 'asked',
  unacknowledged: 'unacknowledged',
  silenced: 'silenced',
  resolved: 'resolved',
  recovered: 'recovered',
  'still-firing': 'still-firing',
  reopened: 'reopened',
  cleared: 'cleared',
  'flapping-started': 'flapping',
  'flapping-stopped': 'flapping',
}

export function reasonFor(kind: TimelineKind): Reason {
  return reasonOf[kind]
}

const held: ReadonlySet<Reason> = new Set([
  'first',
  'more',
  'reminder',
  'escalated',
  'asked',
  'unacknowledged',
  'severity-rise',
  'reopened',
  'still-firing',
])

/** A silence keeps these back; what a person did, and that it is over, is always worth an edit of what is already there. */
export function isHeldBySilence(reason: Reason): boolean {
  return held.has(reason)
}

/** That what was closed by hand has cleared is an edit. */
export const wordless: readonly Reason[] = ['cleared', 'edit']

/** The first post says "it fired" by itself; the rest is worth a line in the thread. */
export function deservesReply(reason: Reason): boolean {
  return reason !== 'first' && !wordless.includes(reason)
}
