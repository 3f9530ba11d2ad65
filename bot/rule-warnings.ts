import { definitionOf } from '#engine/rule/conditions/registry.ts'
import type { RuleDraft } from '#engine/rule/rule.ts'
import { storeOf, TelemetryUnavailable, Unanswerable } from '#engine/telemetry/telemetry.ts'
import type { Desk } from './desk.ts'

/** What whoever makes a rule should know at once: that its question cannot be answered now, and what to do about it. */
export async function ruleWarnings(
  { telemetry, clock }: Pick<Desk, 'telemetry' | 'clock'>,
  draft: RuleDraft,
  environment: string,
): Promise<readonly string[]> {
  const question = definitionOf(draft.condition).question(draft.condition, environment)
  // Always set up, and what a rule asks of it may take long.
  if (storeOf(question) === 'clickhouse') return []
  try {
    await telemetry.ask([question], clock())
    return []
  } catch (error) {
    if (error instanceof TelemetryUnavailable || error instanceof Unanswerable) return [error.message]
    throw error
  }
}
