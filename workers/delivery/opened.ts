import type { Outcome } from '#db/repositories/outcomes.ts'
import type { Notification } from '#db/repositories/parcels.ts'
import type { Suppression } from '#engine/suppress/suppression.ts'
import type { Telling } from './tell.ts'

/** What is said of one parcel, and what became of the rest of it. */
export interface OpenedOne {
  readonly telling?: Telling
  readonly settled: readonly Outcome[]
}

/** While one of them waits to be tried again, newer ones wait with it: the story is told in its order. */
export function endOfWait(unsaid: readonly Unsaid[], now: Date): Date | undefined {
  const waits = unsaid.filter(({ state, notBefore }) => state === 'PENDING' && notBefore > now)
  return waits.map(({ notBefore }) => notBefore).sort((one, other) => other.getTime() - one.getTime())[0]
}

type Unsaid = Pick<Notification, 'id' | 'state' | 'notBefore'>
type Ids = readonly { readonly id: string }[]

export function waiting(unsaid: readonly Unsaid[], notBefore: Date): Outcome[] {
  return unsaid.map(({ id, state }) => ({ notificationId: id, state, notBefore }))
}

export function dropped(unsaid: Ids): Outcome[] {
  return unsaid.map(({ id }) => ({ notificationId: id, state: 'DROPPED' }))
}

/** Looked at again when what keeps them quiet ends. */
export function held(unsaid: Ids, suppression: Suppression): Outcome[] {
  const because = suppression.kind === 'inhibition' ? { inhibitedBy: suppression.inhibitor.alertId } : {}
  return unsaid.map(({ id }) => ({
    notificationId: id,
    state: 'HELD',
    notBefore: suppression.until,
    ...because,
  }))
}
