import { saveCursors } from '#db/repositories/exchange-cursors.ts'
import { filterOf } from '#engine/exchange/cursor.ts'
import type { Span } from '#engine/exchange/exchange.ts'
import type { Follower, Sweeping } from './sweeping.ts'
import { lockOurs } from './take-page.ts'

/** More than one slot could tell of: people can see how many are still to come, and how old they are. */
export async function noteBacklog(
  { hands, reader, instants }: Sweeping,
  followers: readonly Follower[],
  span: Span,
): Promise<void> {
  const counts = await reader.log.count(
    followers.map(({ rule }) => filterOf(rule)),
    span,
  )
  const noted = followers.map((one, index) => ({
    ...one,
    cursor: { ...one.cursor, backlog: counts[index] ?? one.cursor.backlog },
  }))
  await hands.db.transaction(async (tx) => {
    const ours = await lockOurs(tx, noted, instants.slot)
    await saveCursors(
      tx,
      ours.map(({ cursor }) => cursor),
    )
  })
  for (const { rule, cursor } of noted)
    hands.log.warn(
      { rule: rule.name, exchanges: cursor.backlog, readTo: cursor.sweptAt },
      'a rule has more exchanges to tell of than fit into one slot; the rest follows',
    )
}
