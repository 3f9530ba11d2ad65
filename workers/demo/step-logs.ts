import { dieOf, pick } from './dice.ts'
import { type Level, type LogRow, stamp } from './rows.ts'
import { withStack } from './stack.ts'
import type { Subject } from './subject.ts'
import type { Step } from './walk.ts'
import type { World } from './world.ts'

interface Line {
  readonly level: Level
  readonly logger: string
  readonly message: string
}

/** What an execution leaves in the log: a line if it failed or took long, and for a sample of the rest. */
export function tellStep(world: World, subject: Subject, step: Step): LogRow | undefined {
  const line = failureLine(subject, step) ?? waitLine(step) ?? sampledLine(subject, step)
  if (!line) return undefined
  const { service } = step.stop
  return {
    environment: world.environment,
    app: service.name,
    agent: step.agent,
    ts: stamp(step.endedAt),
    ...line,
  }
}

function failureLine({ details }: Subject, { stop, failure }: Step): Line | undefined {
  if (!failure) return undefined
  const { level, exception } = failure
  const { logger, name } = stop.route
  if (level === 'WARN')
    return { level, logger, message: `Order ${details.order}: ${name} refused: ${exception}` }
  return { level, logger, message: withStack(exception, logger) }
}

function waitLine({ stop, holdUp, startedAt, endedAt }: Step): Line | undefined {
  if (holdUp) {
    return {
      level: 'WARN',
      logger: holdUp.logger,
      message: holdUp.complaint.replace('{ms}', String(holdUp.ms)),
    }
  }
  const { name, p99Ms } = stop.route
  const tookMs = endedAt - startedAt
  if (tookMs <= 1.4 * p99Ms) return undefined
  const message = `Slow call: ${name} took ${tookMs} ms, usually below ${p99Ms} ms`
  return { level: 'WARN', logger: 'shop.platform.SlowCalls', message }
}

function sampledLine(subject: Subject, { stop, startedAt, endedAt, seed }: Step): Line | undefined {
  const { name, logger, says } = stop.route
  const die = dieOf(seed, 'log')
  const luck = die()
  if (luck < 0.28) return { level: 'INFO', logger, message: fillIn(pick(die, says), subject) }
  const trace = `[${subject.correlationId}]`
  if (luck > 0.99) return { level: 'TRACE', logger, message: `enter ${name} ${trace}` }
  if (luck > 0.94) {
    const message = `${name} handled in ${endedAt - startedAt} ms ${trace}`
    return { level: 'DEBUG', logger: 'shop.platform.RequestTiming', message }
  }
  return undefined
}

function fillIn(template: string, { details }: Subject): string {
  return Object.entries(details).reduce((text, [name, value]) => text.replace(`{${name}}`, value), template)
}
