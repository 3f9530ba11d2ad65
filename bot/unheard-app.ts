import { definitionOf } from '#engine/rule/conditions/registry.ts'
import type { RuleDraft } from '#engine/rule/rule.ts'
import type { ExecutionsQuestion, LogsQuestion } from '#engine/telemetry/telemetry.ts'
import type { Desk } from './desk.ts'

const daySeconds = 86_400

/** What may be meant as it is, but is worth a second look: an app of which nothing was heard for a day. */
export async function unheardApp(
  { telemetry, clock }: Pick<Desk, 'telemetry' | 'clock'>,
  draft: RuleDraft,
  environment: string,
): Promise<string[]> {
  const app = definitionOf(draft.condition).scope(draft.condition).appSlug
  if (app === undefined) return []
  const place = { environment, app, windowSeconds: daySeconds }
  const executions: ExecutionsQuestion = { about: 'executions', ...place }
  const logs: LogsQuestion = { about: 'logs', ...place, levels: [...everyLevel], pattern: '.' }
  try {
    const answers = await telemetry.ask([executions, logs], clock())
    const isKnown = answers.some(
      (answer) => 'early' in answer && 'count' in answer.early && answer.early.count > 0,
    )
    if (isKnown) return []
    return [`Nothing was heard of the app "${app}" for a day: check its name, unless it is yet to start.`]
  } catch {
    // A store that does not answer says so by itself, and louder.
    return []
  }
}

const everyLevel = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'] as const
