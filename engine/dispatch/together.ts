import { labelValue, type Labels } from '#engine/labels.ts'
import type { RouteNode, Together } from './routing-tree.ts'

/** The incident an alert belongs to, by what its alerts share, and for how long others join. */
export interface SharedIncident {
  readonly key: string
  readonly windowMs: number
  readonly capMs: number
}

/** By the first of its routes that puts alerts together; undefined = it is an incident of its own. */
export function sharedIncident(routes: readonly RouteNode[], matched: Labels): SharedIncident | undefined {
  const together = routes.find((route) => route.together !== null)?.together
  if (!together) return undefined
  const { windowMs, capMs } = together
  return { key: keyOf(together, matched), windowMs, capMs }
}

function keyOf({ routeKey, labels }: Together, matched: Labels): string {
  return JSON.stringify([routeKey, ...labels.map((name) => [name, labelValue(matched, name)])])
}

export interface OpenIncident {
  readonly openedAt: Date
  readonly lastJoinedAt: Date
}

/** A rolling window from the latest of its alerts, with a cap from the first. */
export function stillJoinable(
  { openedAt, lastJoinedAt }: OpenIncident,
  { windowMs, capMs }: Pick<SharedIncident, 'windowMs' | 'capMs'>,
  now: Date,
): boolean {
  return now.getTime() - lastJoinedAt.getTime() <= windowMs && now.getTime() - openedAt.getTime() <= capMs
}
