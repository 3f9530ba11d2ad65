import { type Objection, TelemetryUnavailable } from '#engine/telemetry/telemetry.ts'
import { literal } from '#workers/telemetry/literal.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { compilation } from './pattern-scan.ts'
import { sharedSyntax } from './shared-syntax.ts'

/** Has both engines that a pattern can meet look at it, without a line to look at. */
export async function patternObjection(
  store: TelemetryStore,
  pattern: string,
): Promise<Objection | undefined> {
  const problem = await problemOf(store, `SELECT match(materialize(''), ${literal(pattern)})`)
  if (problem !== undefined)
    return { isRefusal: true, field: 'pattern', because: `The pattern cannot be run: ${problem}` }
  if (sharedSyntax(pattern) === undefined) return dear('is none of those that are looked for together')
  const because = await problemOf(store, compilation([pattern]))
  return because === undefined ? undefined : dear(`cannot be looked for together with others: ${because}`)
}

function dear(why: string): Objection {
  const because = `The pattern ${why}. It counts rightly and costs a look of its own at every line; docs/rules/log-pattern.md says what would not.`
  return { isRefusal: false, field: 'pattern', because }
}

async function problemOf(store: TelemetryStore, sql: string): Promise<string | undefined> {
  try {
    await store.query(sql)
    return undefined
  } catch (error) {
    if (error instanceof TelemetryUnavailable) throw error
    return error instanceof Error ? error.message : String(error)
  }
}
