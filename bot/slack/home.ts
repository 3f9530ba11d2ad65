import type { App } from '@slack/bolt'
import type { Person } from '#engine/person.ts'
import { message } from '#engine/message/message.ts'
import { renderSlackHome } from '#engine/message/slack.ts'
import { attempt, type Reception } from './reception.ts'
import { eventSpeaker } from './speaker.ts'
import { direct } from './tell.ts'

/** The app's Home tab is the open list, drawn anew whenever somebody looks. */
export function hearHome(app: App, reception: Reception): void {
  app.event('app_home_opened', async ({ body, event }) => {
    const speaker = eventSpeaker({ ...body, event })
    if (event.tab !== 'home' || !speaker) return
    const asked = { what: 'open the Home tab', speaker, tell: direct(reception, event.user) }
    await attempt(reception, asked, (person) => publishHome(reception, person, event.user))
  })
}

export async function publishHome(reception: Reception, person: Person, userId: string): Promise<void> {
  const answer = await reception.front.perform({ name: 'list', only: 'open' }, person)
  const shown =
    answer.kind === 'message' ? answer.message : message({ headline: 'The list is not available right now' })
  await reception.client.views.publish({ user_id: userId, view: renderSlackHome(shown) })
}
