/** What goes wrong, where, from when to when. One shape per kind, so that each observer sees only what concerns it. */
export type Fault = FailingRoute | SlowService | LogBurst | MemoryLeak | DeadAgent | FailedDeployment

interface Timed {
  /** After the start of the script. */
  readonly beginsAtSecond: number
  readonly lastsSeconds: number
  readonly app: string
}

interface FailingRoute extends Timed {
  readonly kind: 'failing-route'
  readonly route: string
  /** Of the calls that begin meanwhile. */
  readonly share: number
  readonly takesMs: number
  /** As it stands in the execution, and as the log tells it. */
  readonly error: string
  readonly exception: string
}

interface SlowService extends Timed {
  readonly kind: 'slow-service'
  readonly share: number
  readonly addsMs: readonly [low: number, high: number]
  readonly logger: string
  readonly complaint: string
}

interface LogBurst extends Timed {
  readonly kind: 'log-burst'
  readonly chancePerSecond: number
  readonly logger: string
  readonly exception: string
}

interface MemoryLeak extends Timed {
  readonly kind: 'memory-leak'
  readonly agent: string
  readonly logger: string
  readonly exception: string
}

interface DeadAgent extends Timed {
  readonly kind: 'dead-agent'
  readonly agent: string
}

interface FailedDeployment extends Timed {
  readonly kind: 'failed-deployment'
  readonly logger: string
  readonly exception: string
}

/** Which faults there are and since when the script plays, in epoch milliseconds; before that all is healthy. */
export interface FaultCalendar {
  readonly startedAt: number
  readonly faults: readonly Fault[]
}

const scriptSeconds = 1200

/** Twenty minutes, then again from the top. The first trouble comes soon, for somebody is watching. */
export const faultScript: readonly Fault[] = [
  {
    kind: 'failing-route',
    beginsAtSecond: 8,
    lastsSeconds: 75,
    app: 'payment-service',
    route: 'authorize-card',
    share: 0.45,
    takesMs: 1500,
    error: 'GatewayTimeout: acquirer-eu-1 did not answer within 1500 ms',
    exception: 'java.util.concurrent.TimeoutException: acquirer-eu-1 did not answer within 1500 ms',
  },
  {
    kind: 'slow-service',
    beginsAtSecond: 210,
    lastsSeconds: 90,
    app: 'orders-service',
    share: 0.3,
    addsMs: [1100, 2400],
    logger: 'com.zaxxer.hikari.pool.HikariPool',
    complaint:
      'HikariPool-1 - Connection was only available after {ms} ms (total=10, active=10, idle=0, waiting=17)',
  },
  {
    kind: 'log-burst',
    beginsAtSecond: 420,
    lastsSeconds: 80,
    app: 'inventory-service',
    chancePerSecond: 0.8,
    logger: 'shop.inventory.WarehouseSync',
    exception: 'java.util.concurrent.TimeoutException: warehouse Gdansk did not answer within 4000 ms',
  },
  {
    kind: 'memory-leak',
    beginsAtSecond: 600,
    lastsSeconds: 120,
    app: 'shipping-service',
    agent: 'shipping-service-2',
    logger: 'shop.shipping.LabelPrinter',
    exception: 'java.lang.OutOfMemoryError: Java heap space',
  },
  {
    kind: 'failing-route',
    beginsAtSecond: 785,
    lastsSeconds: 55,
    app: 'shipping-service',
    route: 'book-shipment',
    share: 0.7,
    takesMs: 600,
    error: 'ConnectException: Connection refused: carrier-gateway/10.12.4.31:8443',
    exception: 'java.net.ConnectException: Connection refused: carrier-gateway/10.12.4.31:8443',
  },
  {
    kind: 'dead-agent',
    beginsAtSecond: 900,
    lastsSeconds: 90,
    app: 'notification-service',
    agent: 'notification-service-2',
  },
  {
    kind: 'failed-deployment',
    beginsAtSecond: 1055,
    lastsSeconds: 90,
    app: 'orders-service',
    logger: 'org.springframework.boot.SpringApplication',
    exception:
      "BeanCreationException: Application run failed: no property 'orders.outbox.topic' in profile prod",
  },
]

type FaultOf<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>

export interface ActiveFault<Kind extends Fault['kind']> {
  readonly fault: FaultOf<Kind>
  readonly ageSeconds: number
}

/** The fault of this kind that this app suffers at an instant. */
export function findFault<Kind extends Fault['kind']>(
  { startedAt, faults }: FaultCalendar,
  { kind, app, at }: { kind: Kind; app: string; at: number },
): ActiveFault<Kind> | undefined {
  if (at < startedAt) return undefined
  const position = ((at - startedAt) / 1000) % scriptSeconds
  const isSought = (fault: Fault): fault is FaultOf<Kind> =>
    fault.kind === kind && fault.app === app && isWithin(fault, position)
  const fault = faults.find(isSought)
  return fault && { fault, ageSeconds: position - fault.beginsAtSecond }
}

function isWithin({ beginsAtSecond, lastsSeconds }: Timed, position: number): boolean {
  return position >= beginsAtSecond && position < beginsAtSecond + lastsSeconds
}
