import {
  type Answer,
  type Store,
  storeOf,
  type Telemetry,
  Unanswerable,
} from '#engine/telemetry/telemetry.ts'
import { watchByAsking } from '#engine/telemetry/watch-by-asking.ts'
import { watchTogether } from './watch-together.ts'

/** Sends each question to the store that knows. What asks one that is not set up fails, and nothing else does. */
export function telemetryOf(stores: Partial<Readonly<Record<Store, Telemetry>>>): Telemetry {
  const readerOf = (store: Store) => stores[store] ?? notSetUp(store)
  const telemetry: Telemetry = {
    watch: (questions) =>
      watchTogether(questions, (store, theirs) => {
        const reader = stores[store]
        return reader ? reader.watch(theirs) : watchByAsking(telemetry, theirs)
      }),
    ask: async (questions, at) => {
      const byStore = Map.groupBy(questions.entries(), ([, question]) => storeOf(question))
      const answers: Answer[] = []
      for (const [store, asked] of byStore) {
        const theirs = asked.map(([, question]) => question)
        const answered = await readerOf(store).ask(theirs, at)
        for (const [index, [place]] of asked.entries()) answers[place] = answered[index] as Answer
      }
      return answers
    },
    trace: async (question, slots) => readerOf(storeOf(question)).trace(question, slots),
    objectionTo: async (question) => stores[storeOf(question)]?.objectionTo?.(question),
  }
  return telemetry
}

const remedies: Record<Store, string> = {
  clickhouse: 'ClickHouse is not set up: set CLICKHOUSE_URL.',
  elasticsearch: 'Elasticsearch is not set up: set ELASTICSEARCH_URL.',
  kubernetes: 'Kubernetes is not set up: set TOCSIN_KUBERNETES to in-cluster or to a kubeconfig.',
}

function notSetUp(store: Store): never {
  throw new Unanswerable(remedies[store])
}
