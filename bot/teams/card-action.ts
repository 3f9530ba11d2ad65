import { z } from 'zod'
import type { Answer } from '#engine/command/answer.ts'
import { isComplaint, parseCommand } from '#engine/command/parse.ts'
import { commands } from '#engine/command/registry.ts'
import { plainLine } from '#engine/message/plain.ts'
import { plainWords } from '#engine/message/teams-text.ts'
import { renderTeams } from '#engine/message/teams.ts'
import type { Person } from '#engine/person.ts'
import type { Front } from '#bot/front.ts'
import { cardType } from './reply.ts'

const clicked = z.object({
  trigger: z.string().optional(),
  action: z.object({ data: z.object({ command: z.string().max(1000) }) }),
})

/** A click on a card's button: what it carries is a line the person could have typed. */
export async function answerClick(value: unknown, person: Person, front: Front): Promise<unknown> {
  const click = clicked.safeParse(value).data
  if (!click) return say('This button is from an older version and no longer works. Ask for the alert again.')
  const { command } = click.action.data
  if (click.trigger === 'automatic' && !onlyLooks(command)) return say('Only a click changes an alert.')
  return show(await front.say(command, person), onlyLooks(command))
}

/** Teams can also send a card's action by itself, to refresh the card; nobody clicked then. */
function onlyLooks(line: string): boolean {
  const command = parseCommand(line)
  return !isComplaint(command) && commands[command.name].needs === 'VIEWER'
}

/**
 * A card in the answer replaces the one that was clicked, for the clicker alone. After a change the living message is
 * edited for everyone; a second card from here could only arrive later and hide that.
 */
function show(answer: Answer, looked: boolean): unknown {
  if (answer.kind === 'refused') return say(answer.because)
  if (answer.kind === 'form') return say(`Open "${answer.form.title}" from the app's menu to go on.`)
  if (looked) return { statusCode: 200, type: cardType, value: renderTeams(answer.message) }
  const { headline, lines } = answer.message
  return say([headline, ...lines.map(plainLine)].join(': '))
}

/** Shown to the clicker alone, below the card. */
function say(text: string): unknown {
  return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: plainWords(text, 500) }
}

/** Answered with HTTP 200 all the same: with any other status Teams shows the person nothing. */
export function failedClick(text: string): unknown {
  const value = { code: 'InternalError', message: plainWords(text, 500) }
  return { statusCode: 500, type: 'application/vnd.microsoft.error', value }
}
