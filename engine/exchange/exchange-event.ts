import { type HealthEvent, serviceEvent } from '#engine/event.ts'
import type { Facts } from '#engine/facts.ts'
import type { Labels } from '#engine/labels.ts'
import { scopeEntity } from '#engine/rule/condition.ts'
import { factsOf } from '#engine/rule/facts-of.ts'
import { failingState } from '#engine/rule/observe.ts'
import { makeStorable } from '#engine/storable-text.ts'
import type { Exchange } from './exchange.ts'
import type { PerExchangeRule } from './per-exchange-rule.ts'

const longestError = 1000
/** Clocks differ by seconds; a minute is worth a word to whoever wonders about the order of things. */
const aheadMs = 60_000

/** A check of its own that fails once and never recovers: one alert, which stays until a person resolves it. */
export function exchangeEvent(rule: PerExchangeRule, exchange: Exchange, at: Date): HealthEvent {
  const execId = makeStorable(exchange.execId)
  return serviceEvent({
    environment: rule.environment,
    entity: scopeEntity(rule.condition.scope, execId),
    check: checkName(rule.id, execId),
    state: failingState[rule.severity],
    at,
    title: rule.name,
    summary: summarize(exchange),
    labels: { ...labelsOf(exchange, execId), environment: rule.environment, rule: rule.name },
    facts: factsOf(rule, factsOfExchange(exchange)),
    ruleId: rule.id,
    initialFailureDelaySeconds: 0,
    repeatFailureDelaySeconds: 0,
    judgedBy: 'arrival',
  })
}

/** Checks are the same whatever the case of their entity; ids of exchanges need not be. */
function checkName(ruleId: string, execId: string): string {
  return execId === execId.toLowerCase() ? ruleId : `${ruleId} ${execId}`
}

function summarize({ app, route, status, error, at, position }: Exchange): string {
  const place = makeStorable([app, route].filter((part) => part !== '').join('/'))
  const reason = makeStorable(error).trim()
  const isAhead = at.getTime() - position.stampedAt.getTime() > aheadMs
  return [
    `${status} on ${place || 'a service without a name'}`,
    ...(reason === '' ? [] : [`: ${Array.from(reason).slice(0, longestError).join('')}`]),
    ...(isAhead ? [` (the clock of its agent is ahead: it says ${at.toISOString()})`] : []),
  ].join('')
}

function factsOfExchange(exchange: Exchange): Facts {
  const { app, route, agent, execId, correlationId, status, error, at } = exchange
  return {
    'app.slug': app,
    'route.id': route,
    'agent.id': agent,
    'exchange.id': execId,
    'exchange.appSlug': app,
    'exchange.routeId': route,
    'exchange.agentId': agent,
    'exchange.correlationId': correlationId,
    'exchange.status': status,
    'exchange.error': Array.from(error.trim()).slice(0, longestError).join(''),
    'exchange.startedAt': at.toISOString(),
  }
}

function labelsOf({ app, route, agent, correlationId }: Exchange, execId: string): Labels {
  const known = { app, route, agent, exec_id: execId, correlation_id: correlationId }
  return Object.fromEntries(
    Object.entries(known)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name, makeStorable(value)]),
  )
}
