import type { ExchangeFilter } from '#engine/telemetry/exchanges.ts'
import { hasAttribute, hasStatus } from '#workers/telemetry/exchanges.ts'
import { literal, literals } from '#workers/telemetry/literal.ts'

/** More would make the query longer than reading a few rows too many takes. */
const mostKinds = 50
const mostApps = 200

/** A predicate that is true for what meets any of the filters, and for not much else: who reads the rows matches them again. */
export function anyOf(filters: readonly ExchangeFilter[]): string {
  const exact = Map.groupBy(filters, kindOf)
  const kinds = exact.size > mostKinds ? Map.groupBy(filters, coarseKindOf) : exact
  const parts = [...kinds.values()].map((some) => allOf(some, kinds === exact))
  return `(${parts.join(' OR ')})`
}

function kindOf({ environment, status, attributes }: ExchangeFilter): string {
  const sorted = Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify([environment, status ?? null, sorted])
}

function coarseKindOf({ environment, status }: ExchangeFilter): string {
  return JSON.stringify([environment, status ?? null])
}

/** Filters that differ in their place alone, and in their attributes where those are left to the reader. */
function allOf(filters: readonly ExchangeFilter[], withAttributes: boolean): string {
  const [first] = filters
  if (!first) return 'false'
  const { environment, status, route, agent } = first
  const isAlone = filters.length === 1
  const apps = [...new Set(filters.map(({ app }) => app))].filter((app) => app !== undefined)
  const isOfApps = filters.every(({ app }) => app !== undefined) && apps.length <= mostApps
  return [
    `environment = ${literal(environment)}`,
    hasStatus(status),
    ...(withAttributes ? Object.entries(first.attributes).map(hasAttribute) : []),
    ...(isOfApps ? [`app IN (${literals(apps)})`] : []),
    ...(isAlone && route !== undefined ? [`route = ${literal(route)}`] : []),
    ...(isAlone && agent !== undefined ? [`agent = ${literal(agent)}`] : []),
  ].join(' AND ')
}
