import type { Actor, Surface } from './person.ts'

/** Something that somebody changed, or tried to and was not let. */
export interface AuditEntry {
  readonly at: Date
  /** Of the same again, when it was last tried. */
  readonly lastAt: Date
  readonly door: Surface
  readonly actor: Actor
  /** In the words of the door: `ack #42`, `PUT /api/v1/routing`. Never what was sent: there are secrets in that. */
  readonly what: string
  /** begun: nobody knows whether it was done, because whoever did it was stopped, or failed, before it could say so. */
  readonly outcome: 'begun' | 'done' | 'refused'
  readonly because: string | null
  readonly times: number
}

/** What somebody was not let do. */
export interface Refusal {
  readonly door: Surface
  readonly actor: Actor
  readonly what: string
  readonly because: string
}

/** Somebody of whom only an address or a foreign id is known. */
export function stranger(known: string | undefined): Actor {
  return { kind: 'source', name: known === undefined || known === '' ? 'somebody' : known }
}
