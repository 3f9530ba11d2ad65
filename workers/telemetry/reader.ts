import type { RingCheck } from '#engine/telemetry/ring-check.ts'
import type { Answer, Question, Slots, Telemetry } from '#engine/telemetry/telemetry.ts'
import { answerExchanges, traceExchanges } from './exchanges.ts'
import { answerExecutions } from './executions.ts'
import { answerJvmMetrics, traceJvmMetrics } from './jvm-metrics.ts'
import { hurriedStore } from './hurried-store.ts'
import { type Lateness, learnedLateness } from './lateness.ts'
import { openPatternBook, type PatternBook } from './log-patterns/pattern-book.ts'
import { patternObjection } from './log-patterns/pattern-objection.ts'
import { answerLogs, traceLogs } from './logs.ts'
import type { RelationName } from './relations.ts'
import { LogRing } from './rings/log-ring.ts'
import { Ring } from './rings/ring.ts'
import { openRingWatches } from './rings/ring-watches.ts'
import { watchQuestions } from './rings/watch-questions.ts'
import type { Look } from './span.ts'
import { answerStandings } from './standings/answer-standings.ts'
import { areAllOfOneStanding, watchStandings } from './standings/watch-standings.ts'
import type { TelemetryStore } from './store.ts'
import { traceExecutions } from './trace-executions.ts'

interface ReaderOptions {
  /** Learned from the rows unless somebody knows better. */
  readonly lateness?: Lateness
  /** Told how it went whenever what is remembered was compared with what is stored. */
  readonly onRingCheck?: (check: RingCheck) => void
}

/** What is counted anew to compare it may take so long. */
const mostRecountMs = 2_000
/** Few enough for `match` to look at them one by one, so that what the automaton finds is checked as well. */
const patternSample = 4
const keySample = 20

/** ClickHouse's side of the telemetry port: questions about the same relation share scans. */
export function clickHouseTelemetry(
  store: TelemetryStore,
  { lateness = learnedLateness(store), onRingCheck: tell = () => undefined }: ReaderOptions = {},
): Telemetry {
  const patterns = openPatternBook(store)
  const hurried = hurriedStore(store, mostRecountMs)
  const everythingBefore = (at: Date): Look => ({
    at,
    completeness: { delayMs: 0, isStamped: true, silentSince: undefined },
  })
  const rings = [
    openRingWatches({
      relation: 'executions',
      lateness,
      isAbout: (question) => question?.about === 'executions',
      open: (at, questions) => new Ring(store, { at, questions }),
      recount: (questions, at) => answerExecutions(hurried, questions, everythingBefore(at)),
      sampleSize: keySample,
      tell,
    }),
    openRingWatches({
      relation: 'logs',
      lateness,
      isAbout: (question) => question?.about === 'logs',
      open: (at, questions) => new LogRing(store, patterns, { at, questions }),
      recount: (questions, at) => answerLogs(hurried, patterns, questions, everythingBefore(at)),
      sampleSize: patternSample,
      tell,
    }),
  ]
  const telemetry: Telemetry = {
    watch: (questions) =>
      areAllOfOneStanding(questions)
        ? watchStandings(store, telemetry, questions)
        : watchQuestions(telemetry, rings, questions),
    ask: async (questions, at) => {
      const answers: Answer[] = []
      const scans = Map.groupBy(questions.entries(), ([, question]) => scanKey(question))
      for (const scan of scans.values()) {
        const asked = scan.map(([, question]) => question)
        const answered = await answerScan(store, asked, { at, lateness, patterns })
        for (const [index, [place]] of scan.entries()) answers[place] = answered[index] as Answer
      }
      return answers
    },
    trace: (question, slots) => traceQuestion(store, question, slots),
    objectionTo: async (question) =>
      question.about === 'logs' ? patternObjection(store, question.pattern) : undefined,
  }
  return telemetry
}

/** Up to here windows share one scan: looking at a row for each of them is cheaper than reading it again. */
const longestSharedSeconds = 3600

function scanKey({ about, windowSeconds }: Question): string {
  return windowSeconds <= longestSharedSeconds ? about : `${about} ${windowSeconds}`
}

interface Asking {
  readonly at: Date
  readonly lateness: Lateness
  readonly patterns: PatternBook
}

async function answerScan(
  store: TelemetryStore,
  scan: readonly Question[],
  { at, lateness, patterns }: Asking,
): Promise<readonly Answer[]> {
  const executions = scan.filter((question) => question.about === 'executions')
  const logs = scan.filter((question) => question.about === 'logs')
  const exchanges = scan.filter((question) => question.about === 'exchanges')
  const jvmMetrics = scan.filter((question) => question.about === 'jvm_metrics')
  const look = async (relation: RelationName): Promise<Look> => ({
    at,
    completeness: await lateness.of(relation, at),
  })
  if (executions.length > 0) return answerExecutions(store, executions, await look('executions'))
  if (exchanges.length > 0) return answerExchanges(store, exchanges, await look('executions'))
  if (jvmMetrics.length > 0) return answerJvmMetrics(store, jvmMetrics, await look('jvm_metrics'))
  if (areAllOfOneStanding(scan)) return answerStandings(store, scan, at)
  return logs.length > 0 ? answerLogs(store, patterns, logs, await look('logs')) : unanswered(scan[0])
}

function traceQuestion(store: TelemetryStore, question: Question, slots: Slots): Promise<readonly Answer[]> {
  switch (question.about) {
    case 'executions':
      return traceExecutions(store, question, slots)
    case 'logs':
      return traceLogs(store, question, slots)
    case 'jvm_metrics':
      return traceJvmMetrics(store, question, slots)
    case 'exchanges':
      return traceExchanges(store, question, slots)
    default:
      return unanswered(question)
  }
}

function unanswered(question: Question | undefined): never {
  throw new Error(`a question about ${question?.about ?? 'nothing'} was not answered`)
}
