import type { Answer } from '#engine/command/answer.ts'
import { adaptiveCard, textBlock } from '#engine/message/adaptive-card.ts'
import type { AdaptiveCard } from '#engine/message/adaptive-card.ts'
import { message } from '#engine/message/message.ts'
import type { Message } from '#engine/message/message.ts'
import { openDialogButton } from '#engine/message/teams-actions.ts'
import { plainWords } from '#engine/message/teams-text.ts'
import { renderTeams, teamsSummary } from '#engine/message/teams.ts'
import type { ActivityJson } from './botbuilder.ts'

export const cardType = 'application/vnd.microsoft.card.adaptive'

/** What is said in the conversation for an answer to `command`. A dialog needs a click, so a form is offered by button. */
export function replyTo(command: string, answer: Answer): ActivityJson {
  if (answer.kind === 'refused') return textActivity(answer.because)
  if (answer.kind === 'message') return messageActivity(answer.message)
  return cardActivity(answer.form.title, offerForm(answer.form.title, command))
}

export function messageActivity(said: Message): ActivityJson {
  return cardActivity(teamsSummary(said), renderTeams(said))
}

export function textActivity(headline: string): ActivityJson {
  return messageActivity(message({ headline }))
}

/** The button carries the command and not the form, because a draft belongs to whoever clicks. */
function offerForm(title: string, command: string): AdaptiveCard {
  const words = plainWords(title, 100)
  return adaptiveCard({
    fallbackText: words,
    body: [textBlock(words, { weight: 'Bolder', size: 'Medium' })],
    actions: [openDialogButton(words, command)],
  })
}

function cardActivity(summary: string, card: AdaptiveCard): ActivityJson {
  return { type: 'message', summary, attachments: [{ contentType: cardType, content: card }] }
}
