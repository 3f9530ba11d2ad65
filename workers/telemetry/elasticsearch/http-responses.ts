import { z } from 'zod'
import type { HttpResponsesAnswer, HttpResponsesQuestion } from '#engine/telemetry/elasticsearch.ts'
import type { ElasticsearchConnection } from './connection.ts'
import { bySlot, searchWindows, windowsOf } from './http-log.ts'

const bucket = z.object({
  answered: z.object({ doc_count: z.number() }),
  failed: z.object({ doc_count: z.number() }),
})

export async function answerResponses(
  connection: ElasticsearchConnection,
  question: HttpResponsesQuestion,
  instants: readonly Date[],
): Promise<HttpResponsesAnswer[]> {
  const failed = { filter: { range: { [question.statusField]: { gte: 500 } } } }
  const counted = { aggregations: { failed }, bucket }
  const found = await searchWindows(connection, question, windowsOf(question, instants), counted)
  const figuresOf = (key: string) => {
    const window = found.get(key)
    return window && { count: window.answered.doc_count, failed: window.failed.doc_count }
  }
  return bySlot(instants.length, figuresOf).map((figures) => ({ about: 'http-responses', ...figures }))
}
