import type { Medium } from '#engine/medium.ts'
import type { VendorPace } from '#engine/notify/vendor-pace.ts'
import type { Hands } from '#workers/hands.ts'
import type { Notifier } from '#workers/notifiers/notifier.ts'
import type { Presence } from './presence.ts'
import type { Save } from './saver.ts'

export interface LaneHands extends Pick<Hands, 'db' | 'clock' | 'log'> {
  readonly notifiers: Partial<Readonly<Record<Medium, Notifier>>>
  /** Where people reach this house; undefined = nobody said, so nothing links to it. */
  readonly publicUrl?: string
  readonly save: Save
  /** This process, to the others. */
  readonly holder: string
  readonly presence: Pick<Presence, 'session'>
  /** How long a call took, whatever came of it. */
  readonly took?: (medium: Medium, seconds: number) => void
  readonly paceOf: (medium: Medium) => VendorPace
  /** 0..1 */
  readonly dice: () => number
  readonly closing: AbortSignal
  /** Something is to be tried again then. */
  readonly dueAt: (destinationId: string, at: Date) => void
}
