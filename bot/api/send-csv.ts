import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { type Cell, csvRow } from '#engine/view/csv-row.ts'

interface Table {
  readonly columns: readonly string[]
  readonly pages: AsyncIterable<readonly (readonly Cell[])[]>
}

/** A file to be saved, written page by page: nobody holds all of it. */
export function sendCsv(reply: FastifyReply, name: string, { columns, pages }: Table): FastifyReply {
  async function* written() {
    yield csvRow(columns)
    for await (const rows of pages) yield rows.map(csvRow).join('')
  }
  return reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}"`)
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'no-store')
    .send(Readable.from(written()))
}
