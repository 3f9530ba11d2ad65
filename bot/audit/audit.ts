import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { beginAudit, endAudit, forgetAudit, type NewAuditEntry, recordAudit } from '#db/repositories/audit.ts'
import { type AuditEntry, type Refusal, stranger } from '#engine/audit.ts'
import { makeStorable } from '#engine/storable-text.ts'
import { openWriteBehind } from '#bot/write-behind.ts'

type Deed = Pick<AuditEntry, 'door' | 'actor' | 'what'>

/** Writes down who changed what, and who was not let. */
export interface Audit {
  /** Before it is done, so that whoever is killed in between leaves a trace; what cannot be written down is not done. */
  readonly begin: (deed: Deed) => Promise<Begun>
  /** Strangers wait for nothing, and nothing waits for them. */
  readonly refused: (refusal: Refusal) => void
  /** Writes down what waits. */
  readonly close: () => Promise<void>
}

export interface Begun {
  /** A database that takes no more is no reason to answer that it was not: it stays begun. */
  readonly done: () => Promise<void>
  /** It changed nothing after all. */
  readonly nothing: () => Promise<void>
}

interface AuditParts {
  readonly db: Database
  readonly clock: () => Date
  readonly log: Logger
}

/** Different refusals of an hour that are told apart; the rest is one more row with its count, so that no flood fills the table. */
export const mostRefusalsAnHour = 200
const gatherMs = 500
const longestText = 300
const hourMs = 3_600_000

export function openAudit({ db, clock, log }: AuditParts): Audit {
  const waiting = new Map<string, NewAuditEntry>()
  let told = { hour: -1, kinds: new Set<string>() }

  /** The same key for the same refusal within the hour, in whatever process. */
  function keyed(refusal: Refusal, at: Date): NewAuditEntry & { readonly sameAs: string } {
    const hour = Math.floor(at.getTime() / hourMs)
    if (told.hour !== hour) told = { hour, kinds: new Set() }
    const own = keyOf(refusal, hour)
    const isTold = told.kinds.has(own) || told.kinds.size < mostRefusalsAnHour
    if (isTold) told.kinds.add(own)
    const shown = isTold ? refusal : { ...refusal, ...others }
    return {
      ...tidy(shown),
      at,
      lastAt: at,
      outcome: 'refused',
      because: short(shown.because),
      times: 1,
      sameAs: isTold ? own : keyOf(shown, hour),
    }
  }

  function warn(error: unknown): void {
    log.error({ err: error }, 'the audit could not be written')
  }

  const behind = openWriteBehind({
    gatherMs,
    write: () => {
      const entries = [...waiting.values()]
      waiting.clear()
      return recordAudit(db, entries)
    },
    onError: warn,
  })

  return {
    begin: async (deed) => {
      const at = clock()
      const entry = { ...tidy(deed), at, lastAt: at, outcome: 'begun', because: null, times: 1 } as const
      const id = await beginAudit(db, entry)
      return {
        done: () => endAudit(db, id).catch(warn),
        nothing: () => forgetAudit(db, id).catch(warn),
      }
    },
    refused: (refusal) => {
      const entry = keyed(refusal, clock())
      const same = waiting.get(entry.sameAs)
      waiting.set(entry.sameAs, same ? { ...entry, at: same.at, times: same.times + 1 } : entry)
      behind.stir()
    },
    close: behind.flush,
  }
}

const others = { actor: stranger('others'), what: 'many different things', because: 'see the log' } as const

function keyOf({ door, actor, what, because }: Refusal, hour: number): string {
  return createHash('sha256')
    .update(JSON.stringify([hour, door, actor, what, because]))
    .digest('hex')
}

function tidy({ door, actor, what }: Deed): Deed {
  const named = actor.kind === 'clock' ? actor : { ...actor, name: short(actor.name) }
  return { door, actor: named, what: short(what) }
}

function short(text: string): string {
  return makeStorable(text.slice(0, longestText))
}
