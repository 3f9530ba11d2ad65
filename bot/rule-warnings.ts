import type { Database } from '#db/client.ts'
import { countRulesNamed } from '#db/repositories/rules.ts'
import { formatDuration } from '#engine/duration.ts'
import { definitionOf } from '#engine/rule/conditions/registry.ts'
import { isPerExchange } from '#engine/rule/per-exchange.ts'
import type { Rule, RuleDraft } from '#engine/rule/rule.ts'
import { templateWarnings } from '#engine/rule/template-warnings.ts'
import { storeOf, TelemetryUnavailable, Unanswerable } from '#engine/telemetry/telemetry.ts'
import type { Desk } from './desk.ts'
import { requireAnswerable } from './rule-objection.ts'
import { unheardApp } from './unheard-app.ts'

/**
 * What whoever makes a rule should know at once: that its question cannot be answered now or is about what nobody heard of, and
 * that its templates name what its alerts have not. Refuses what its store would never answer.
 */
export async function ruleWarnings(
  desk: Pick<Desk, 'telemetry' | 'clock'>,
  draft: RuleDraft,
  environment: string,
): Promise<readonly string[]> {
  const ofTelemetry = await telemetryWarnings(desk, draft, environment)
  return [...ofTelemetry, ...unseenWarnings(draft, environment), ...templateWarnings(draft)]
}

/** Of a rule that is kept: its name is what people know it by. */
export async function nameWarnings(db: Database, { environment, name }: Rule): Promise<readonly string[]> {
  if ((await countRulesNamed(db, environment, name)) < 2) return []
  return [
    `Another rule of ${environment} is called the same: give one of them a name of its own, or remove it.`,
  ]
}

/** A window that is shorter than the interval: what begins and ends in between fires nothing. */
function unseenWarnings({ condition, evaluationIntervalSeconds }: RuleDraft, environment: string): string[] {
  const { windowSeconds } = definitionOf(condition).question(condition, environment)
  if (isPerExchange(condition) || windowSeconds === 0 || evaluationIntervalSeconds <= windowSeconds) return []
  const [window, interval] = [formatDuration(windowSeconds), formatDuration(evaluationIntervalSeconds)]
  return [
    `It looks back over ${window} every ${interval}: what happens in between is never seen. Evaluate it at least every ${window}, or widen windowSeconds.`,
  ]
}

async function telemetryWarnings(
  desk: Pick<Desk, 'telemetry' | 'clock'>,
  draft: RuleDraft,
  environment: string,
): Promise<readonly string[]> {
  const question = definitionOf(draft.condition).question(draft.condition, environment)
  // Always set up, and what a rule asks of it may take long.
  if (storeOf(question) === 'clickhouse')
    return [
      ...(await requireAnswerable(desk, draft, environment)),
      ...(await unheardApp(desk, draft, environment)),
    ]
  try {
    await desk.telemetry.ask([question], desk.clock())
    return []
  } catch (error) {
    if (error instanceof TelemetryUnavailable || error instanceof Unanswerable) return [error.message]
    throw error
  }
}
