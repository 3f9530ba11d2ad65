import { acceptBatch } from '#db/repositories/batches.ts'
import type { LocalMessageRow } from '#db/repositories/local-messages.ts'
import type { Event, Sighting } from '#engine/event.ts'
import { plainLine, plainMessage } from '#engine/message/plain.ts'
import { anEvent } from './engine-things.ts'
import type { House } from './start-house.ts'

/** Somebody's monitoring says how something is, once, and everything that follows is through. */
export async function push(house: House, ...sightings: readonly Partial<Sighting>[]): Promise<void> {
  const now = house.clock.now()
  const items = sightings.map((parts): Event => ({ ...anEvent({ at: now, ...parts }), judgedBy: 'arrival' }))
  await acceptBatch(house.memory.db, { source: 'events', items }, { environment: 'prod', receivedAt: now })
  await house.settled()
}

/** Time passes, and the sweeper comes by. */
export async function pass(house: House, duration: string): Promise<void> {
  house.clock.forward(duration)
  await house.sweep()
  await house.settled()
}

/** The local chat's message whose headline begins so; undefined where there is none. */
export async function messageThatSays(house: House, words: string): Promise<LocalMessageRow | undefined> {
  await house.settled()
  return (await house.localMessages()).findLast(({ message }) => message.headline.startsWith(words))
}

export function threadOf(row: LocalMessageRow | undefined): string[] {
  return (row?.thread ?? []).map(({ line }) => plainLine(line))
}

export function textOf(row: LocalMessageRow | undefined): string {
  return row ? plainMessage(row.message) : ''
}
