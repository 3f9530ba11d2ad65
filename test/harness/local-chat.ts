import type { LocalMessageRow } from '#db/repositories/local-messages.ts'
import { plainLine } from '#engine/message/plain.ts'
import type { House } from './start-house.ts'

/** The local chat's message about `#number` once everything under way is through; undefined where there is none. */
export async function messageAbout(house: House, number: number): Promise<LocalMessageRow | undefined> {
  await house.settled()
  const messages = await house.localMessages()
  return messages.find(({ message }) => message.headline.startsWith(`#${number} `))
}

/** Its thread as plain sentences. */
export async function repliesTo(house: House, number: number): Promise<string[]> {
  const message = await messageAbout(house, number)
  return (message?.thread ?? []).map((reply) => plainLine(reply.line))
}

/** A minute in which card payments fail, or do not, looked at once. */
export async function aMinute(house: House, how: 'failing' | 'healthy'): Promise<void> {
  house.clock.forward('61s')
  await house.executions(20, { status: how === 'failing' ? 'FAILED' : 'COMPLETED' })
  await house.tick()
  await house.settled()
}
