import { definitionOf } from '#engine/rule/conditions/registry.ts'
import type { FieldProblem, RuleDraft } from '#engine/rule/rule.ts'
import { type Objection, TelemetryUnavailable } from '#engine/telemetry/telemetry.ts'
import { Invalid } from './api/problem.ts'
import type { Desk } from './desk.ts'

/** What the store that is to answer a rule has against it. One that is away has no say: the rule waits for it. */
export async function objectionTo(
  { telemetry }: Pick<Desk, 'telemetry'>,
  { condition }: RuleDraft,
  environment: string,
): Promise<Objection | undefined> {
  try {
    return await telemetry.objectionTo?.(definitionOf(condition).question(condition, environment))
  } catch (error) {
    if (error instanceof TelemetryUnavailable) return undefined
    throw error
  }
}

/** Refuses what would never be answered; returns a warning of what is dear. */
export async function requireAnswerable(
  desk: Pick<Desk, 'telemetry'>,
  draft: RuleDraft,
  environment: string,
): Promise<readonly string[]> {
  const objection = await objectionTo(desk, draft, environment)
  if (!objection) return []
  if (!objection.isRefusal) return [objection.because]
  const fields: FieldProblem[] = [{ field: `condition.${objection.field}`, problem: objection.because }]
  throw new Invalid('This rule cannot work.', fields)
}
