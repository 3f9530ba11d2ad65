import { z } from 'zod'
import { Invalid, problemSchema } from '#bot/api/problem.ts'
import type { Reading } from '#engine/directory/reading.ts'
import type { Actor } from '#engine/person.ts'
import { isStorable } from '#engine/storable-text.ts'

/** Who acts where nobody in particular does. */
export const theApi: Actor = { kind: 'source', name: 'the API' }

export function acceptedBody<Value>(reading: Reading<Value>, what: string): Value {
  if (reading.kind === 'read') return reading.value
  throw new Invalid(`${what} cannot be kept.`, reading.problems)
}

export const idParam = z
  .string()
  .min(1)
  .max(400)
  .refine(isStorable, 'This is no id: it holds a NUL or half of a character.')

/** What a deletion answers. */
export const gone = { 204: z.undefined(), 400: problemSchema, 404: problemSchema }

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(2000).optional().describe('nextCursor of the page before'),
}

/** Lists are in the order of their ids: the next page begins after the last one. */
export function idPage<Row extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
): { readonly page: readonly Row[]; readonly nextCursor: string | null } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { page, nextCursor: rows.length > limit && last ? writeCursor([last.id]) : null }
}

export function afterId(cursor: string | undefined): { readonly after?: string } {
  return cursor === undefined ? {} : { after: readCursor(cursor, z.tuple([idParam]))[0] }
}

export function writeCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

export function readCursor<Parts>(cursor: string, shape: z.ZodType<Parts>): Parts {
  try {
    return shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
  } catch {
    throw new Invalid('The cursor cannot be read.', [
      { field: 'cursor', problem: 'Use nextCursor of the page before, unchanged.' },
    ])
  }
}

/** What two lists of ids ask for. What is in both is removed. */
export function linkChangesOf(
  added: readonly string[] = [],
  removed: readonly string[] = [],
): ReadonlyMap<string, 'add' | 'remove'> {
  return new Map([
    ...added.map((id) => [id, 'add'] as const),
    ...removed.map((id) => [id, 'remove'] as const),
  ])
}
