import { chatSurfaces, type Medium } from '#engine/medium.ts'
import type { VendorPace } from './vendor-pace.ts'

/**
 * How people are told of a storm. `kept`: by one message, which is edited to stay true. `repeated`: what was said there cannot be
 * changed, so by one message now and then, which is true when it is said.
 */
export type DigestWay = 'kept' | 'repeated'

const digestWays: Partial<Readonly<Record<Medium, DigestWay>>> = {
  ...Object.fromEntries(chatSurfaces.map((chat) => [chat, 'kept'])),
  'discord-webhook': 'kept',
  'slack-webhook': 'repeated',
  'teams-workflow': 'repeated',
}

/** undefined: it takes them as fast as they come, or must hear of each, because it keeps an incident of its own for it. */
export function digestWay(medium: Medium, { everyMs }: VendorPace): DigestWay | undefined {
  return everyMs > 0 ? digestWays[medium] : undefined
}

/** What nobody would see there: it would have to change what was said. */
export function takesEdits(medium: Medium): boolean {
  return digestWays[medium] !== 'repeated'
}

/**
 * Between two messages where they are repeated. Sixty an hour are less than Teams ever let through: 100 in an hour, 150 in two,
 * 1,800 in a day.
 */
const repeatEveryMs = 60_000

/** Until then what digests tell waits; undefined = it does not. */
export function nextDigestAt(way: DigestWay, postedAt: Date | undefined): Date | undefined {
  return way === 'repeated' && postedAt ? new Date(postedAt.getTime() + repeatEveryMs) : undefined
}
