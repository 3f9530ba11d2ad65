import type { App } from '@slack/bolt'
import { commandWord } from '#engine/command/registry.ts'
import type { Answer } from '#engine/command/answer.ts'
import { attempt, type Reception, type Tell } from './reception.ts'
import { refusal } from './refusal.ts'
import { opensForm } from '#engine/command/opens-form.ts'
import { commandSpeaker } from './speaker.ts'
import { direct, either, whisper } from './tell.ts'
import { answerModal, windowFor, type Window } from './window.ts'

/** A trigger_id lives three seconds; half of that is left for the way there. */
const patienceMs = 1500

/** `/alert …`: acknowledged at once, answered privately. */
export function hearCommands(app: App, reception: Reception): void {
  app.command(`/${commandWord}`, async ({ ack, body, respond }) => {
    await ack()
    if (!reception.handled.isFirst(`command ${body.trigger_id}`, true)) return
    const tell = either(whisper(respond), direct(reception, body.user_id))
    const asked = { what: `/${commandWord} ${body.text}`, speaker: commandSpeaker(body), tell }
    await attempt(reception, asked, async (person) => {
      const window = windowFor(reception, body.trigger_id)
      const answer = await waitFor(window, body.text, reception.front.say(body.text, person))
      await showAnswer(reception, { window, tell }, answer)
    })
  })
}

/** Only an answer that comes as a form needs a window, and so only those are worth opening one early for. */
export function waitFor(window: Window, text: string, answer: Promise<Answer>): Promise<Answer> {
  return opensForm(text) ? window.keepOpenFor(answer, patienceMs) : answer
}

export async function showAnswer(
  reception: Reception,
  ways: { readonly window: Window; readonly tell: Tell },
  answer: Answer,
): Promise<void> {
  if (answer.kind === 'form') reception.openers.set(answer.form.id, ways.tell)
  if (answer.kind === 'form' || ways.window.isOpen) return ways.window.show(answerModal(answer))
  await ways.tell(answer.kind === 'refused' ? refusal(answer.because) : answer.message)
}
