import type { Question, Telemetry, Watch } from './telemetry.ts'

/** For stores that gain nothing from knowing beforehand what they will be asked. */
export function watchByAsking({ ask }: Pick<Telemetry, 'ask'>, questions: readonly Question[]): Watch {
  return {
    ask: (at, which) => ask(which ? which.map((index) => numbered(questions, index)) : questions, at),
    close: () => undefined,
  }
}

function numbered(questions: readonly Question[], index: number): Question {
  const question = questions[index]
  if (!question) throw new Error(`there is no question ${index}: there are ${questions.length}`)
  return question
}
