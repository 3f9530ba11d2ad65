/** What goes wrong, where, from when to when. One shape per kind, so that each observer sees only what concerns it. */
export type Fault =
  | FailingRoute
  | SlowService
  | LogBurst
  | MemoryLeak
  | DeadAgent
  | FailedDeployment
  | EndpointSweep
  | LostNode
  | FillingDisk
  | IndexFlood

interface Timed {
  /** After the start of the script. */
  readonly beginsAtSecond: number
  readonly lastsSeconds: number
  /** What suffers it: a service, the gateway, the cluster of the logs. */
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

/** Somebody tries which paths there are. */
interface EndpointSweep extends Timed {
  readonly kind: 'endpoint-sweep'
  readonly client: string
  readonly perSecond: number
}

interface LostNode extends Timed {
  readonly kind: 'lost-node'
  readonly node: string
}

interface FillingDisk extends Timed {
  readonly kind: 'filling-disk'
  readonly node: string
  /** Which share of it is used in the end. */
  readonly fullest: number
}

/** Somebody's mistake makes an index for everything. */
interface IndexFlood extends Timed {
  readonly kind: 'index-flood'
  readonly indices: number
}

/** Which faults there are and since when the script plays, in epoch milliseconds; before that all is healthy. */
export interface FaultCalendar {
  readonly startedAt: number
  readonly faults: readonly Fault[]
}

/** After this it begins again. */
const scriptSeconds = 1200

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

/** The faults of this kind that an app suffered and that came to their ends after one instant, up to another. */
export function endedFaults<Kind extends Fault['kind']>(
  { startedAt, faults }: FaultCalendar,
  { kind, app, after, until }: { kind: Kind; app: string; after: number; until: number },
): { readonly fault: FaultOf<Kind>; readonly endedAt: number }[] {
  const isSought = (fault: Fault): fault is FaultOf<Kind> => fault.kind === kind && fault.app === app
  const roundMs = scriptSeconds * 1000
  const rounds = Math.max(0, Math.ceil((until - startedAt) / roundMs))
  return Array.from({ length: rounds }, (_, round) => startedAt + round * roundMs).flatMap((began) =>
    faults
      .filter(isSought)
      .map((fault) => ({ fault, endedAt: began + (fault.beginsAtSecond + fault.lastsSeconds) * 1000 }))
      .filter(({ endedAt }) => endedAt > after && endedAt <= until),
  )
}

function isWithin({ beginsAtSecond, lastsSeconds }: Timed, position: number): boolean {
  return position >= beginsAtSecond && position < beginsAtSecond + lastsSeconds
}
