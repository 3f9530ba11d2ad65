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
  const everywhere = rings.map((ring) => ({
    ring,
    places: [...distinct.keys()].filter((place) => ring.isAbout(distinct[place])),
  }))
  return {
    ask: async (at, which) => {
      const wanted = which && new Set(which.map((index) => placeOf[index] ?? notThere(index)))
      const answers: (Answer | undefined)[] = []
      const take = (places: readonly number[], answered: readonly (Answer | undefined)[]) => {
        for (const [index, place] of places.entries()) answers[place] = answered[index]
      }
      for (const { ring, places } of everywhere) {
        const theirs = wanted ? places.filter((place) => wanted.has(place)) : places
        if (theirs.length > 0) take(theirs, await ring.answer(theirs.map(questionAt), at))
      }
      const left = [...(wanted ?? distinct.keys())].filter((place) => !answers[place])
      take(left, await ask(left.map(questionAt), at))
      return Array.from(which ?? questions.keys(), (index) => answers[placeOf[index] ?? -1] as Answer)
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
