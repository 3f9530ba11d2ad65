import type { webApi } from '@slack/bolt'
import type { Recent } from './recent.ts'
import type { Speaker } from './speaker.ts'

/** Clicks and commands name the person, events do not; the same handle is looked up, so that a name never flips. */
export async function displayName(
  client: webApi.WebClient,
  names: Recent<string>,
  speaker: Speaker,
): Promise<string> {
  const known = speaker.name ?? names.get(speaker.userId)
  if (known !== undefined) return known
  const found = await client.users.info({ user: speaker.userId }).catch(() => undefined)
  const name = found?.user?.name ?? speaker.userId
  names.set(speaker.userId, name)
  return name
}
