import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { hole, selection, statement } from '#db/statement.ts'
import { silenceRevisions } from '#db/schema/suppressions.ts'
import type { InhibitionRule } from '#engine/suppress/inhibition.ts'
import { type SilencesInForce, silencesInForce } from '#engine/suppress/silences-in-force.ts'
import { listInhibitionRules } from './inhibition-rules.ts'
import { listSilences } from './silences.ts'

/** What keeps alerts quiet in an environment, made ready. */
interface Ready {
  readonly revision: string
  readonly from: Date
  readonly inForce: SilencesInForce
  readonly inhibitionRules: readonly InhibitionRule[]
}

/** By environment. A revision is random, so that no other database can have the same. */
const ready = new Map<string, Ready>()

const nothingQuiet = { inForce: silencesInForce([], new Date(0)), inhibitionRules: [] }

const revision = selection({ revision: silenceRevisions.revision })
const revisionOf = statement(
  sql`select ${revision.columns} from ${silenceRevisions} where ${silenceRevisions.environment} = ${hole('environment')}`,
  revision,
)

/** Ten thousand silences are read and indexed once for every change of theirs, and not for every notification. */
export async function loadQuiet(
  db: Database,
  environment: string,
  now: Date,
): Promise<Pick<Ready, 'inForce' | 'inhibitionRules'>> {
  const [row] = await revisionOf.run(db, { environment })
  if (!row) return nothingQuiet
  const known = ready.get(environment)
  if (known && known.revision === row.revision && holds(known, now)) return known
  // The revision is read first: what is loaded may be newer than it says, and is then only loaded once more.
  const [silences, inhibitionRules] = await Promise.all([
    listSilences(db, environment, now),
    listInhibitionRules(db, environment),
  ])
  const fresh = {
    revision: row.revision,
    from: now,
    inForce: silencesInForce(silences, now),
    inhibitionRules,
  }
  ready.set(environment, fresh)
  return fresh
}

function holds({ from, inForce: { changesAt } }: Ready, now: Date): boolean {
  return from <= now && (changesAt === undefined || now < changesAt)
}
