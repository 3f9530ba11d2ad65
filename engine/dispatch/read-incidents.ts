import type { RouteBody } from './routing-schema.ts'
import type { Receiver, RouteNode, Together, Vigil } from './routing-tree.ts'

export type Complain = (field: string, problem: string) => void

interface Situation {
  readonly parent: RouteNode | undefined
  readonly complain: Complain
}
/** As PagerDuty does: five minutes after the latest, a day after the first. */
const togetherDefaults = { windowMs: 300_000, capMs: 86_400_000 }

/** Which alerts of a route are one incident, from the route itself or from those above it. */
export function readTogether(
  body: RouteBody,
  { routeKey, parent, complain }: Situation & { readonly routeKey: string },
): Together | null {
  const { incident_by: by, incident_window: windowMs, incident_cap: capMs } = body
  if (by === undefined || by === 'each') {
    for (const field of ['incident_window', 'incident_cap'] as const)
      if (body[field] !== undefined) complain(field, 'It goes with incident_by, which names the labels.')
    return by === 'each' ? null : (parent?.together ?? null)
  }
  const together = {
    routeKey,
    labels: by,
    windowMs: windowMs ?? togetherDefaults.windowMs,
    capMs: capMs ?? togetherDefaults.capMs,
  }
  if (together.windowMs === 0) complain('incident_window', 'It has to be longer than 0.')
  if (together.capMs < together.windowMs)
    complain('incident_cap', 'It is shorter than incident_window, which could then never pass.')
  return together
}

const vigilDefaults: Vigil = { escalate: [], ackTimeoutMs: null, unackAfterMs: 15 * 60_000 }

/** What happens until somebody acts; what a route does not say it has from those above it. */
export function readVigil(
  body: RouteBody,
  { parent, known, complain }: Situation & { readonly known: ReadonlyMap<string, Receiver> },
): Vigil | null {
  const { escalate, ack_timeout: ackTimeout, unack_after: unackAfterMs } = body
  const inherited = parent?.vigil ?? vigilDefaults
  for (const [index, { after, receiver }] of (escalate ?? []).entries()) {
    if (!known.has(receiver))
      complain(`escalate.${index}.receiver`, `No receiver is called ${JSON.stringify(receiver)}.`)
    if (after === 0) complain(`escalate.${index}.after`, 'It has to be longer than 0.')
  }
  if (ackTimeout === 0) complain('ack_timeout', 'It has to be longer than 0; "never" = it holds for good.')
  if (unackAfterMs === 0) complain('unack_after', 'It has to be longer than 0.')
  const steps = escalate?.map(({ after, receiver }) => ({ afterMs: after, receiver }))
  const vigil = {
    escalate: steps?.toSorted((one, other) => one.afterMs - other.afterMs) ?? inherited.escalate,
    ackTimeoutMs:
      ackTimeout === undefined ? inherited.ackTimeoutMs : ackTimeout === 'never' ? null : ackTimeout,
    unackAfterMs: unackAfterMs ?? inherited.unackAfterMs,
  }
  return vigil.escalate.length > 0 || vigil.ackTimeoutMs !== null ? vigil : null
}
