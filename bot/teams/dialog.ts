import { z } from 'zod'
import type { Answer } from '#engine/command/answer.ts'
import type { AdaptiveCard } from '#engine/message/adaptive-card.ts'
import { message } from '#engine/message/message.ts'
import type { Message } from '#engine/message/message.ts'
import { plainWords } from '#engine/message/teams-text.ts'
import { renderTeams } from '#engine/message/teams.ts'
import type { Person } from '#engine/person.ts'
import type { FormValues } from '#engine/view/form.ts'
import { renderTeamsForm } from '#engine/view/teams-form.ts'
import type { Front } from '#bot/front.ts'
import { cardType } from './reply.ts'

/** From a card's button (`task/fetch`): the button's own data. From the app's menu: the id of a manifest command. */
const opened = z.union([
  z.object({ data: z.object({ command: z.string().max(1000) }) }).transform(({ data }) => data.command),
  z.object({ commandId: z.string().max(100) }).transform(({ commandId }) => commandId.replaceAll('-', ' ')),
])

const submitted = z.object({
  data: z.object({ tocsin: z.object({ form: z.string().min(1).max(200) }) }).catchall(z.unknown()),
})

export async function openDialog(value: unknown, person: Person, front: Front): Promise<unknown> {
  const command = opened.safeParse(value).data
  if (command === undefined) return note('This button is from an older version and no longer works.')
  return show(await front.say(command, person))
}

export async function submitDialog(value: unknown, person: Person, front: Front): Promise<unknown> {
  const form = submitted.safeParse(value).data?.data
  if (!form) return note('This form is from an older version and can no longer be sent. Open it again.')
  const { tocsin, ...fields } = form
  return show(await front.submit(tocsin.form, texts(fields), person))
}

function texts(fields: Readonly<Record<string, unknown>>): FormValues {
  const pairs = Object.entries(fields).filter((pair): pair is [string, string] => typeof pair[1] === 'string')
  return Object.fromEntries(pairs)
}

/**
 * The dialog stays open with the next card, also for the last word: the documented `message` answer shows nothing
 * when the dialog was opened from the app's menu.
 */
function show(answer: Answer): unknown {
  if (answer.kind === 'refused') return note(answer.because)
  if (answer.kind === 'form') return frame(answer.form.title, renderTeamsForm(answer.form))
  return frame('Done', renderTeams(withoutButtons(answer.message)))
}

/** Inside a dialog a card can only be submitted. */
function withoutButtons(shown: Message): Message {
  const items = shown.items.map(({ tone, line, detail }) => ({ tone, line, ...(detail ? { detail } : {}) }))
  return { ...shown, items, actions: [] }
}

export function note(text: string): unknown {
  return frame('Tocsin', renderTeams(message({ headline: text })))
}

function frame(title: string, card: AdaptiveCard): unknown {
  const value = {
    title: plainWords(title, 60),
    width: 'medium',
    height: 'medium',
    card: { contentType: cardType, content: card },
  }
  return { task: { type: 'continue', value } }
}
