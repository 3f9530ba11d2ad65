import type { Answer, Question, Telemetry, Watch } from '#engine/telemetry/telemetry.ts'
import type { RingWatches } from './ring-watches.ts'

/** Equal questions are answered once; what no ring can tell is asked of the store. */
export function watchQuestions(
  { ask }: Pick<Telemetry, 'ask'>,
  rings: readonly RingWatches[],
  questions: readonly Question[],
): Watch {
  const { distinct, placeOf } = distinctQuestions(questions)
  const questionAt = (place: number) => distinct[place] ?? notThere(place)
  for (const ring of rings) ring.add(distinct)
  return {
    ask: async (at, which = [...questions.keys()]) => {
      const wanted = new Set(which.map((index) => placeOf[index] ?? notThere(index)))
      const answers = new Map<number, Answer>()
      for (const ring of rings) {
        const places = [...wanted].filter((place) => ring.isAbout(questionAt(place)))
        const answered = places.length > 0 ? await ring.answer(places.map(questionAt), at) : []
        for (const [index, place] of places.entries()) {
          const answer = answered[index]
          if (answer) answers.set(place, answer)
        }
      }
      const left = [...wanted].filter((place) => !answers.has(place))
      const asked = await ask(left.map(questionAt), at)
      for (const [index, place] of left.entries()) answers.set(place, asked[index] as Answer)
      return which.map((index) => answers.get(placeOf[index] ?? -1) as Answer)
    },
    close: () => {
      for (const ring of rings) ring.remove(distinct)
    },
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

function notThere(index: number): never {
  throw new Error(`there is no question ${index}`)
}
