import { type Answer, type Question, type Store, storeOf, type Watch } from '#engine/telemetry/telemetry.ts'

/** Each store watches what it knows; questions about a single one pass straight through. */
export function watchTogether(
  questions: readonly Question[],
  watchOf: (store: Store, theirs: readonly Question[]) => Watch,
): Watch {
  const byStore = Map.groupBy(questions.keys(), (index) => storeOf(questionAt(questions, index)))
  const parts = [...byStore].map(([store, places]) => ({
    watch: watchOf(
      store,
      places.map((index) => questionAt(questions, index)),
    ),
    places,
  }))
  const [only, ...more] = parts
  if (only && more.length === 0) return only.watch
  const homes = parts.flatMap(({ places }, part) =>
    places.map((place, inner) => [place, { part, inner }] as const),
  )
  const homeOf = new Map(homes)
  return {
    ask: async (at, which = [...questions.keys()]) => {
      const asked = which.map((index, place) => ({ place, ...(homeOf.get(index) ?? notThere(index)) }))
      const answers: Answer[] = []
      for (const [part, theirs] of Map.groupBy(asked, ({ part }) => part)) {
        const inner = theirs.map(({ inner }) => inner)
        const answered = (await parts[part]?.watch.ask(at, inner)) ?? []
        for (const [index, { place }] of theirs.entries()) answers[place] = answered[index] as Answer
      }
      return answers
    },
    close: () => {
      for (const { watch } of parts) watch.close()
    },
  }
}

function questionAt(questions: readonly Question[], index: number): Question {
  return questions[index] ?? notThere(index)
}

function notThere(index: number): never {
  throw new Error(`there is no question ${index}`)
}
