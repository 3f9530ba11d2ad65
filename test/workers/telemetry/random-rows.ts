import { type ExecutionsQuestion, logLevels, type LogsQuestion } from '#engine/telemetry/telemetry.ts'
import { dice } from '#test/harness/dice.ts'

type LogLevel = (typeof logLevels)[number]

export interface Execution {
  readonly environment: string
  readonly app: string
  readonly route: string
  readonly agent: string
  readonly status: 'COMPLETED' | 'FAILED' | 'RUNNING'
  readonly ts: Date
  readonly duration_ms: number
}

export interface LogLine {
  readonly environment: string
  readonly app: string
  readonly agent: string
  readonly level: LogLevel
  readonly ts: Date
  readonly message: string
}

type Pick = <T>(choices: readonly [T, ...T[]]) => T

export function picker(seed: number): Pick {
  const roll = dice(seed)
  return (choices) => choices[roll(choices.length)] ?? choices[0]
}

/** Instants on the edges of windows and of minutes, and in between. */
const moments: [number, ...number[]] = [
  0, 1, 999, 1000, 9999, 10_000, 10_001, 59_999, 60_000, 60_001, 61_500, 123_456, 299_999, 300_000, 300_001,
  600_000,
]
const environments: [string, ...string[]] = ['prod', 'prod', 'test']
/** Empty names are what a collector sends that was not told any. */
const apps: [string, ...string[]] = ['orders', 'payments', 'it\'s "odd" \\ {x:String}', '']
const routes: [string, ...string[]] = ['pay', 'refund', '']
const agents: [string, ...string[]] = ['a-1', 'a-2', '']
const messages: [string, ...string[]] = ['TimeoutException: 3 s', 'ok', 'timeout', 'a\nTimeout', '']

/** Up to an instant, and around the edges of its windows. */
export function randomRows(end: Date): { readonly executions: Execution[]; readonly lines: LogLine[] } {
  const roll = picker(42)
  const instant = () => new Date(end.getTime() - roll(moments))
  return {
    executions: Array.from({ length: 1500 }, () => ({
      environment: roll(environments),
      app: roll(apps),
      route: roll(routes),
      agent: roll(agents),
      status: roll(['COMPLETED', 'COMPLETED', 'FAILED', 'RUNNING'] as const),
      ts: instant(),
      duration_ms: roll([0, 1, 80, 250, 4000]),
    })),
    lines: Array.from({ length: 1500 }, () => ({
      environment: roll(environments),
      app: roll(apps),
      agent: roll(agents),
      level: roll(logLevels),
      ts: instant(),
      message: roll(messages),
    })),
  }
}

const windows: [number, ...number[]] = [10, 60, 300]

export function anExecutionsQuestion(roll: Pick): ExecutionsQuestion {
  const app = roll([undefined, ...apps])
  const route = app === undefined ? undefined : roll([undefined, ...routes])
  const agent = app === undefined ? undefined : roll([undefined, ...agents])
  return {
    about: 'executions',
    environment: roll(environments),
    ...(app !== undefined && { app }),
    ...(route !== undefined && { route }),
    ...(agent !== undefined && { agent }),
    ...(roll([true, false]) && { withP99: true }),
    windowSeconds: roll(windows),
  }
}

export function aLogsQuestion(roll: Pick): LogsQuestion {
  const app = roll([undefined, ...apps])
  const agent = roll([undefined, ...agents])
  return {
    about: 'logs',
    environment: roll(environments),
    ...(app !== undefined && { app }),
    ...(agent !== undefined && { agent }),
    levels: roll([['ERROR'], ['WARN', 'ERROR'], [...logLevels]] as [LogLevel[], ...LogLevel[][]]),
    pattern: roll(
      ['Timeout', '(?i)timeout', '^ok$', '.', "it's"].map((text) => text.replace('(?i)', '[Tt]')) as [
        string,
        ...string[],
      ],
    ),
    windowSeconds: roll(windows),
  }
}
