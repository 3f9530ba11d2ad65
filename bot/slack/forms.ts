import type { App, AckFn, ViewResponseAction, ViewSubmitAction } from '@slack/bolt'
import type { Answer } from '#engine/command/answer.ts'
import { formCallbackId, readSlackForm, slackFieldErrors } from '#engine/view/slack-form.ts'
import { attempt, type Reception, type Tell } from './reception.ts'
import { interactionSpeaker } from './speaker.ts'
import { direct, either, inWindow } from './tell.ts'
import { answerModal, Window } from './window.ts'

/** Slack waits three seconds for the answer to a sent form. */
const patienceMs = 2000

/** A step of a form sent in. The answer to the request is what the window shows next. */
export function hearForms(app: App, reception: Reception): void {
  app.view({ callback_id: formCallbackId, type: 'view_submission' }, async ({ ack, body }) => {
    if (body.type !== 'view_submission') return
    const window = new Window(reception, async (view) => {
      await ack({ response_action: 'update', view })
      return body.view.id
    })
    const asked = { what: 'send a form', speaker: interactionSpeaker(body), tell: inWindow(window) }
    await attempt(reception, asked, async (person) => {
      const values = readSlackForm(body.view.state.values)
      const answer = await window.keepOpenFor(
        reception.front.submit(body.view.private_metadata, values, person),
        patienceMs,
      )
      await showNext(reception, { window, ack, body }, answer)
    })
  })
}

interface Submission {
  readonly window: Window
  readonly ack: AckFn<ViewResponseAction> | AckFn<void>
  readonly body: ViewSubmitAction
}

async function showNext(
  reception: Reception,
  { window, ack, body }: Submission,
  answer: Answer,
): Promise<void> {
  if (window.isOpen) return window.show(answerModal(answer))
  if (answer.kind === 'message') {
    await ack({ response_action: 'clear' })
    await opener(reception, body)(answer.message)
    return
  }
  const errors = answer.kind === 'form' ? slackFieldErrors(answer.form) : undefined
  const isShown = (name: string) => Object.hasOwn(body.view.state.values, name)
  if (errors && Object.keys(errors).every(isShown)) return ack({ response_action: 'errors', errors })
  await window.show(answerModal(answer))
}

/** Where the form was opened; after a restart, or half an hour, the direct messages. */
function opener(reception: Reception, body: ViewSubmitAction): Tell {
  const fallback = direct(reception, body.user.id)
  const tell = reception.openers.get(body.view.private_metadata)
  return tell ? either(tell, fallback) : fallback
}
