import {
  type Answer,
  type Question,
  slotInstant,
  type Telemetry,
  Unanswerable,
} from '#engine/telemetry/telemetry.ts'
import { watchByAsking } from '#engine/telemetry/watch-by-asking.ts'
import { clusterSnapshot, type ClusterSnapshot } from './cluster.ts'
import type { ElasticsearchConnection } from './connection.ts'
import { type Asked, explain } from './failure.ts'
import { answerClients } from './http-clients.ts'
import { answerResponses } from './http-responses.ts'

/** Few at once: whoever asks how a cluster is shall not be what ails it. */
const searchesAtOnce = 4

/** Elasticsearch's side of the telemetry port. Questions that are the same are asked once. */
export function elasticsearchTelemetry(connection: ElasticsearchConnection): Telemetry {
  const snapshotAt = latestSnapshot(connection)
  const answer = async (question: Question, instants: readonly Date[], snapshot: ClusterSnapshot) => {
    try {
      return await answerQuestion(connection, question, instants, snapshot)
    } catch (error) {
      throw explain(error, askedOf(connection, question))
    }
  }
  const telemetry: Telemetry = {
    watch: (questions) => watchByAsking(telemetry, questions),
    ask: async (questions, at) => {
      const snapshot = snapshotAt(at)
      const distinct = [...new Map(questions.map((question) => [JSON.stringify(question), question]))]
      const answers = new Map<string, Answer>()
      for (let start = 0; start < distinct.length; start += searchesAtOnce) {
        const some = distinct.slice(start, start + searchesAtOnce)
        const answered = await Promise.all(some.map(([, question]) => answer(question, [at], snapshot)))
        for (const [index, [key]] of some.entries()) answers.set(key, answered[index]?.[0] as Answer)
      }
      return questions.map((question) => answers.get(JSON.stringify(question)) as Answer)
    },
    trace: async (question, slots) => {
      if (!('index' in question))
        throw new Unanswerable('Elasticsearch knows how its cluster is, and not how it was.')
      const instants = Array.from({ length: slots.count }, (_, slot) => slotInstant(slots, slot))
      return answer(question, instants, clusterSnapshot(connection))
    },
  }
  return telemetry
}

/** One look for each instant: rules are evaluated by several jobs at once, and a slow cluster is asked no more often. */
function latestSnapshot(connection: ElasticsearchConnection): (at: Date) => ClusterSnapshot {
  let latest: { readonly at: number; readonly snapshot: ClusterSnapshot } | undefined
  return (at) => {
    if (latest?.at !== at.getTime()) latest = { at: at.getTime(), snapshot: clusterSnapshot(connection) }
    return latest.snapshot
  }
}

async function answerQuestion(
  connection: ElasticsearchConnection,
  question: Question,
  instants: readonly Date[],
  snapshot: ClusterSnapshot,
): Promise<readonly Answer[]> {
  switch (question.about) {
    case 'cluster-health':
      return [await snapshot.health()]
    case 'node-disks':
      return [await snapshot.disks()]
    case 'shard-capacity':
      return [await snapshot.shards()]
    case 'http-responses':
      return answerResponses(connection, question, instants)
    case 'http-clients':
      return answerClients(connection, question, instants)
    default:
      throw new Error(`Elasticsearch was asked about ${question.about}`)
  }
}

function askedOf({ where }: ElasticsearchConnection, question: Question): Asked {
  return 'index' in question ? { where, index: question.index } : { where }
}
