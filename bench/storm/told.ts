import { groupOf, type StormShape } from './alerts.ts'
import type { Ledger } from './ledger.ts'
import type { Sent } from './send.ts'
import type { AlertState } from './webhook.ts'

/** How one posting of all alerts was told on. */
export interface Told {
  /** Of each alert, from the start of its first accepted POST to the last byte of the first webhook with it. */
  readonly latencyMs: readonly number[]
  /**
   * Of each alert, what of that came after its group's wait was over: the server's own doing, without the timer. Not
   * where there is no wait, nor where an alert was posted after it, because that one had the group's interval to wait for.
   */
  readonly behindWaitMs?: readonly number[]
  /** Accepted, and in no webhook. */
  readonly lost: number
}

interface Telling extends StormShape {
  readonly groupWaitSeconds: number
  readonly state: AlertState
}

export function accountFor({ postedAtMs }: Sent, ledger: Ledger, telling: Telling): Told {
  const accepted = postedAtMs.flatMap((postedAt, number) =>
    postedAt === undefined
      ? []
      : [{ number, postedAt, heardAt: ledger.firstHeardAtMs(number, telling.state) }],
  )
  const told = accepted.flatMap(({ heardAt, ...one }) => (heardAt === undefined ? [] : [{ ...one, heardAt }]))
  const latencyMs = told.map(({ postedAt, heardAt }) => heardAt - postedAt)
  const lost = accepted.length - told.length
  if (telling.groupWaitSeconds === 0) return { latencyMs, lost }
  const waits = waitsOver(accepted, telling)
  const waitOverAt = (number: number) => waits.get(groupOf(number, telling)) ?? 0
  if (accepted.some(({ number, postedAt }) => postedAt > waitOverAt(number))) return { latencyMs, lost }
  return { latencyMs, lost, behindWaitMs: told.map(({ number, heardAt }) => heardAt - waitOverAt(number)) }
}

interface Accepted {
  readonly number: number
  readonly postedAt: number
}

/** A group's wait begins with its first alert; those that join it meanwhile wait for less. */
function waitsOver(accepted: readonly Accepted[], telling: Telling): ReadonlyMap<number, number> {
  const over = new Map<number, number>()
  for (const { number, postedAt } of accepted) {
    const group = groupOf(number, telling)
    const overAt = postedAt + telling.groupWaitSeconds * 1000
    over.set(group, Math.min(overAt, over.get(group) ?? overAt))
  }
  return over
}

export function isAllTold({ postedAtMs }: Sent, ledger: Ledger, state: AlertState): boolean {
  return postedAtMs.every(
    (postedAt, number) => postedAt === undefined || ledger.firstHeardAtMs(number, state) !== undefined,
  )
}
