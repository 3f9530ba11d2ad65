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
import { type AnswerClients, openClients } from './http-clients.ts'
import { sharedKey } from './http-log.ts'
import { type AnswerResponses, openResponses } from './http-responses.ts'

/** Few at once: whoever asks how a cluster is shall not be what ails it. */
const searchesAtOnce = 4

/** One look at everything for all who ask about the same instants: what it fetched once is not fetched again. */
interface Look {
  readonly snapshot: ClusterSnapshot
  readonly responses: AnswerResponses
  readonly clients: AnswerClients
}

/** Elasticsearch's side of the telemetry port: rules about the same share requests, however many there are. */
export function elasticsearchTelemetry(connection: ElasticsearchConnection): Telemetry {
  const openLook = (instants: readonly Date[]): Look => ({
    snapshot: clusterSnapshot(connection),
    responses: openResponses(connection, instants),
    clients: openClients(connection, instants),
  })
  const lookAt = latestLook((at) => openLook([at]))
  const answer = async (question: Question, look: Look) => {
    try {
      return await answerQuestion(question, look)
    } catch (error) {
      throw explain(error, askedOf(connection, question))
    }
  }
  const telemetry: Telemetry = {
    watch: (questions) => watchByAsking(telemetry, questions),
    ask: async (questions, at) => {
      const look = lookAt(at)
      const answers: Answer[] = []
      const shared = [...Map.groupBy(questions.entries(), ([, question]) => requestKey(question)).values()]
      for (let start = 0; start < shared.length; start += searchesAtOnce)
        await Promise.all(
          shared
            .slice(start, start + searchesAtOnce)
            .flat()
            .map(async ([place, question]) => {
              const [only] = await answer(question, look)
              answers[place] = only as Answer
            }),
        )
      return answers
    },
    trace: async (question, slots) => {
      if (!('index' in question))
        throw new Unanswerable('Elasticsearch knows how its cluster is, and not how it was.')
      const instants = Array.from({ length: slots.count }, (_, slot) => slotInstant(slots, slot))
      return answer(question, openLook(instants))
    },
  }
  return telemetry
}

/** One look for each instant: rules are evaluated by several jobs at once, and a slow cluster is asked no more often. */
function latestLook(open: (at: Date) => Look): (at: Date) => Look {
  let latest: { readonly at: number; readonly look: Look } | undefined
  return (at) => {
    if (latest?.at !== at.getTime()) latest = { at: at.getTime(), look: open(at) }
    return latest.look
  }
}

function requestKey(question: Question): string {
  return 'index' in question ? sharedKey(question) : question.about
}

async function answerQuestion(
  question: Question,
  { snapshot, responses, clients }: Look,
): Promise<readonly Answer[]> {
  switch (question.about) {
    case 'cluster-health':
      return [await snapshot.health()]
    case 'node-disks':
      return [await snapshot.disks()]
    case 'shard-capacity':
      return [await snapshot.shards()]
    case 'http-responses':
      return responses(question)
    case 'http-clients':
      return clients(question)
    default:
      throw new Error(`Elasticsearch was asked about ${question.about}`)
  }
}

function askedOf({ where }: ElasticsearchConnection, question: Question): Asked {
  return 'index' in question ? { where, index: question.index } : { where }
}
