import type { Answer, ExecutionsQuestion, Question, Telemetry, Watch } from '#engine/telemetry/telemetry.ts'
import type { RingWatches } from './ring-watches.ts'

/** Equal questions are answered once; what the ring cannot tell is asked of the store. */
export function watchQuestions(
  { ask }: Pick<Telemetry, 'ask'>,
  rings: RingWatches,
  questions: readonly Question[],
): Watch {
  const { distinct, placeOf } = distinctQuestions(questions)
  const ringed = distinct.filter(isAboutExecutions)
  rings.add(ringed)
  return {
    ask: async (at, which = [...questions.keys()]) => {
      const wanted = new Set(which.map((index) => placeOf[index] ?? notThere(index)))
      const answers = new Map<number, Answer>()
      const places = [...wanted].filter((place) => isAboutExecutions(distinct[place]))
      const theirs = places.map((place) => distinct[place]).filter(isAboutExecutions)
      const answered = theirs.length > 0 ? await rings.answer(theirs, at) : []
      for (const [index, place] of places.entries()) {
        const answer = answered[index]
        if (answer) answers.set(place, answer)
      }
      const left = [...wanted].filter((place) => !answers.has(place))
      const asked = await ask(
        left.map((place) => distinct[place] ?? notThere(place)),
        at,
      )
      for (const [index, place] of left.entries()) answers.set(place, asked[index] as Answer)
      return which.map((index) => answers.get(placeOf[index] ?? -1) as Answer)
    },
    close: () => rings.remove(ringed),
  }
}

function distinctQuestions(questions: readonly Question[]): { distinct: Question[]; placeOf: Int32Array } {
  const places = new Map<string, number>()
  const distinct: Question[] = []
  const placeOf = Int32Array.from(questions, (question) => {
    const key = JSON.stringify(question)
    const place = places.get(key) ?? distinct.push(question) - 1
    places.set(key, place)
    return place
  })
  return { distinct, placeOf }
}

function isAboutExecutions(question: Question | undefined): question is ExecutionsQuestion {
  return question?.about === 'executions'
}

function notThere(index: number): never {
  throw new Error(`there is no question ${index}`)
}
