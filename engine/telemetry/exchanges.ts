export const exchangeStatuses = ['COMPLETED', 'FAILED', 'RUNNING'] as const

type ExchangeStatus = (typeof exchangeStatuses)[number]

/** Which exchanges; what is not named may be anything. */
export interface ExchangeFilter {
  readonly environment: string
  readonly app?: string
  readonly route?: string
  readonly agent?: string
  /** Without one: whatever has ended. One that runs is reported again when it ends, and would be met twice. */
  readonly status?: ExchangeStatus
  /** All of them, exactly; never empty texts, which an exchange without that attribute has as well. */
  readonly attributes: Readonly<Record<string, string>>
}

/** What filters look at. */
export interface ExchangeTraits {
  readonly environment: string
  readonly app: string
  readonly route: string
  readonly agent: string
  readonly status: string
  readonly attributes: Readonly<Record<string, string>>
}

/** Which of many filters an exchange meets, without trying them all. */
export function indexFilters<Filter extends ExchangeFilter>(
  filters: readonly Filter[],
): (exchange: ExchangeTraits) => Filter[] {
  const byPlace = Map.groupBy(filters, ({ environment, app, route }) => placeKey(environment, app, route))
  return (exchange) => {
    const { environment, app, route } = exchange
    const places = [
      placeKey(environment, app, route),
      placeKey(environment, app, undefined),
      placeKey(environment, undefined, undefined),
    ]
    return places.flatMap((place) => (byPlace.get(place) ?? []).filter((filter) => meets(exchange, filter)))
  }
}

/** Also tells an app without a name from no app. */
function placeKey(environment: string, app: string | undefined, route: string | undefined): string {
  return JSON.stringify([environment, app ?? null, route ?? null])
}

function meets(exchange: ExchangeTraits, { agent, status, attributes }: ExchangeFilter): boolean {
  return (
    (agent === undefined || exchange.agent === agent) &&
    (status === undefined ? exchange.status !== 'RUNNING' : exchange.status === status) &&
    Object.entries(attributes).every(([name, value]) => exchange.attributes[name] === value)
  )
}
