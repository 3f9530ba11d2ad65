import { z } from 'zod'
import type { HttpResponsesAnswer, HttpResponsesQuestion } from '#engine/telemetry/elasticsearch.ts'
import type { ElasticsearchConnection } from './connection.ts'
import {
  bySlot,
  type Cells,
  refuseUnanswered,
  searchWindows,
  sharedKey,
  type Whose,
  whose,
  windowsOf,
} from './http-log.ts'
import { type Find, shareSearch } from './share-search.ts'

const bucket = z.object({ failed: z.object({ doc_count: z.number() }) })

type Failed = z.infer<typeof bucket>

/** Each has a filter of its own, which the server keeps in memory while it counts. */
const mostAtOnce = 500

export type AnswerResponses = (question: HttpResponsesQuestion) => Promise<readonly HttpResponsesAnswer[]>

/** Rules that look at the same log through the same window are one search, whichever service each is about. */
export function openResponses(
  connection: ElasticsearchConnection,
  instants: readonly Date[],
): AnswerResponses {
  const looks = new Map<string, Find<Whose, Cells<Failed>>>()
  const lookFor = (question: HttpResponsesQuestion) => {
    const key = sharedKey(question)
    const look = looks.get(key) ?? openLook(connection, question, instants)
    looks.set(key, look)
    return look
  }
  return async (question) => {
    const cells = await lookFor(question)(whose(question))
    refuseUnanswered(question, cells)
    const figuresOf = (key: string) => {
      const found = cells.get(key)
      return found && { count: found.answered, failed: found.counts.failed.doc_count }
    }
    return bySlot(instants.length, figuresOf).map((figures) => ({ about: 'http-responses', ...figures }))
  }
}

function openLook(
  connection: ElasticsearchConnection,
  log: HttpResponsesQuestion,
  instants: readonly Date[],
): Find<Whose, Cells<Failed>> {
  const windows = windowsOf(log, instants)
  const failed = { filter: { range: { [log.statusField]: { gte: 500 } } } }
  const counted = { aggregations: { failed }, bucket }
  return shareSearch({
    search: (some) => searchWindows(connection, { log, windows, whose: some, counted }),
    fit: () => mostAtOnce,
  })
}
