import type { App } from '@slack/bolt'
import { message } from '#engine/message/message.ts'
import { attempt, type Reception, type Tell } from './reception.ts'
import { refusal } from './refusal.ts'
import { opensForm } from '#engine/command/opens-form.ts'
import { eventSpeaker, type EventBody } from './speaker.ts'
import { aside, direct } from './tell.ts'

/** `@Tocsin list` in a channel and `list` in a direct message mean what `/alert list` means. */
export function hearMentions(app: App, reception: Reception): void {
  app.event('app_mention', async ({ body, event }) => {
    const user = event.user
    if (user === undefined) return
    const where = { channel: event.channel, user, ...(event.thread_ts && { thread_ts: event.thread_ts }) }
    await hear(reception, { ...body, event }, event.text, aside(reception, where))
  })

  app.event('message', async ({ body, event }) => {
    const isTyped =
      event.channel_type === 'im' && event.subtype === undefined && !('bot_id' in event && event.bot_id)
    if (isTyped) await hear(reception, { ...body, event }, event.text ?? '', direct(reception, event.channel))
  })
}

async function hear(
  reception: Reception,
  body: EventBody & { event_id: string },
  text: string,
  tell: Tell,
): Promise<void> {
  const speaker = eventSpeaker(body)
  if (!speaker || !reception.handled.isFirst(`event ${body.event_id}`, true)) return
  const line = commandLine(text)
  await attempt(reception, { what: line, speaker, tell }, async (person) => {
    if (opensForm(line)) {
      await tell(formButton(line))
      return
    }
    const answer = await reception.front.say(line, person)
    if (answer.kind === 'message') await tell(answer.message)
    if (answer.kind === 'refused') await tell(refusal(answer.because))
  })
}

/** A form needs the trigger_id of a click, which a message does not have. */
function formButton(line: string) {
  return message({
    headline: 'That takes a form',
    actions: [{ kind: 'button', label: 'Open the form', command: line, style: 'primary' }],
  })
}

/** Slack's markup back to what was typed: without the mentions in front and the links it made, its three entities undone. */
function commandLine(text: string): string {
  return text
    .replace(/^(?:\s*<@[^>]*>)+/u, '')
    .replaceAll(/<(?:mailto:|tel:|https?:\/\/)[^<>|]*\|([^<>|]*)>/gu, '$1')
    .replaceAll(/<(https?:\/\/[^<>|]*)>/gu, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim()
}
