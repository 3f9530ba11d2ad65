import { expect } from 'vitest'
import type { Database } from '#db/client.ts'
import { notifications } from '#db/schema/notifications.ts'
import type { Heard } from './busy-vendor.ts'

/** Everything was told, at least once and always with the same id, what happened first first, and nothing else. */
export async function expectToldInOrder(db: Database, heard: readonly Heard[]): Promise<void> {
  const rows = await db.select().from(notifications)
  expect(rows.filter(({ state }) => state !== 'DELIVERED')).toEqual([])
  const posts = heard.filter(({ kind }) => kind === 'post')
  const expected = new Set(rows.map(({ incidentId, destinationId }) => `${incidentId}/${destinationId}`))
  expect(new Set(posts.map(({ id }) => id))).toEqual(expected)
  const known = new Set(rows.map(({ id }) => id))
  const replies = heard.filter(({ kind }) => kind === 'reply')
  expect(replies.filter(({ id }) => !known.has(id))).toEqual([])
  // A line comes under a message that is there.
  const first = new Map<string, number>()
  heard.forEach(({ id }, index) => first.has(id) || first.set(id, index))
  for (const { id, incident } of replies) {
    const row = rows.find((one) => one.id === id)
    expect(first.get(id)).toBeGreaterThan(first.get(`${incident}/${row?.destinationId}`) ?? Infinity)
  }
  const inOrder = rows.toSorted((one, other) => (one.entryId ?? 0) - (other.entryId ?? 0))
  for (const told of Map.groupBy(
    inOrder,
    ({ incidentId, destinationId }) => `${incidentId}/${destinationId}`,
  ).values()) {
    const said = told.flatMap(({ id }) => first.get(id) ?? [])
    expect(said).toEqual(said.toSorted((one, other) => one - other))
  }
}
