import type { Answer, Question, Slots, Telemetry } from '#engine/telemetry/telemetry.ts'
import { watchByAsking } from '#engine/telemetry/watch-by-asking.ts'
import { answerExecutions, traceExecutions } from './executions.ts'
import { answerLogs, traceLogs } from './logs.ts'
import type { TelemetryStore } from './store.ts'

/** ClickHouse's side of the telemetry port: questions about the same relation and window share one scan. */
export function clickHouseTelemetry(store: TelemetryStore): Telemetry {
  const telemetry: Telemetry = {
    watch: (questions) => watchByAsking(telemetry, questions),
    ask: async (questions, at) => {
      const answers: (Answer | undefined)[] = questions.map(() => undefined)
      const numbered = questions.map((question, index) => ({ question, index }))
      for (const group of Map.groupBy(numbered, ({ question }) => scanKey(question)).values()) {
        const answered = await answerGroup(
          store,
          group.map(({ question }) => question),
          at,
        )
        for (const [place, { index }] of group.entries()) answers[index] = answered[place]
      }
      return answers.map((answer, index) => answer ?? unanswered(questions[index]))
    },
    trace: (question, slots) => traceQuestion(store, question, slots),
  }
  return telemetry
}

function scanKey({ about, windowSeconds }: Question): string {
  return `${about} ${windowSeconds}`
}

async function answerGroup(
  store: TelemetryStore,
  group: readonly Question[],
  at: Date,
): Promise<readonly Answer[]> {
  const executions = group.filter((question) => question.about === 'executions')
  if (executions.length > 0) return answerExecutions(store, executions, at)
  const logs = group.filter((question) => question.about === 'logs')
  return logs.length > 0 ? answerLogs(store, logs, at) : unanswered(group[0])
}

function traceQuestion(store: TelemetryStore, question: Question, slots: Slots): Promise<readonly Answer[]> {
  if (question.about === 'executions') return traceExecutions(store, question, slots)
  return question.about === 'logs' ? traceLogs(store, question, slots) : unanswered(question)
}

function unanswered(question: Question | undefined): never {
  throw new Error(`a question about ${question?.about ?? 'nothing'} was not answered`)
}
