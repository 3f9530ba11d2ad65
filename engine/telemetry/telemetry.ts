/**
 * What rules ask of telemetry, as pure descriptions. A reader answers many at once; how it shares scans between them
 * is its own business. Windows are half-open towards the past: (at − windowSeconds, at].
 */
export interface Telemetry {
  /** Answers in the order of the questions. Throws TelemetryUnavailable when the store cannot be asked at all. */
  ask(questions: readonly Question[]): Promise<readonly Answer[]>
  /** The same question asked for many instants, for pictures and previews; `at` of the question is not used. */
  trace(question: Question, slots: Slots): Promise<readonly Answer[]>
}

export interface Slots {
  readonly from: Date
  readonly stepSeconds: number
  readonly count: number
}

interface WindowQuestion {
  readonly environment: string
  readonly app?: string
  readonly agent?: string
  readonly windowSeconds: number
  readonly at: Date
}

export interface ExecutionsQuestion extends WindowQuestion {
  readonly about: 'executions'
  readonly route?: string
}

export interface ExecutionsAnswer {
  readonly about: 'executions'
  readonly count: number
  readonly failed: number
  readonly averageDurationMs: number | null
  readonly p99DurationMs: number | null
}

export const logLevels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'] as const

type LogLevel = (typeof logLevels)[number]

export interface LogsQuestion extends WindowQuestion {
  readonly about: 'logs'
  readonly levels: readonly LogLevel[]
  /** RE2 syntax, unanchored. */
  readonly pattern: string
}

export interface LogsAnswer {
  readonly about: 'logs'
  readonly count: number
}

export type Question = ExecutionsQuestion | LogsQuestion

export type Answer = ExecutionsAnswer | LogsAnswer

export type Unavailability = 'unreachable' | 'slow' | 'overloaded' | 'refused'

/** The store is at fault, not the question: evaluation keeps its last state and tries again. */
export class TelemetryUnavailable extends Error {
  readonly because: Unavailability

  constructor(because: Unavailability, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TelemetryUnavailable'
    this.because = because
  }
}

export function slotInstant(slots: Slots, index: number): Date {
  return new Date(slots.from.getTime() + index * slots.stepSeconds * 1000)
}
