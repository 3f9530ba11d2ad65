import type { App, BlockAction, BlockElementAction, RespondFn } from '@slack/bolt'
import { isComplaint, parseCommand } from '#engine/command/parse.ts'
import { commands } from '#engine/command/registry.ts'
import { showAnswer, waitFor } from './commands.ts'
import { attempt, type Reception } from './reception.ts'
import { publishHome } from './home.ts'
import { interactionSpeaker } from './speaker.ts'
import { direct, either, inWindow, whisper } from './tell.ts'
import { windowFor } from './window.ts'

/**
 * Buttons, menus and links, known and unknown: all are acknowledged at once, or Slack shows a warning sign beside
 * them. What a button says is a command line like any other, parsed and permitted anew.
 */
export function hearClicks(app: App, reception: Reception): void {
  app.action<BlockAction>({ type: 'block_actions' }, async ({ ack, action, body, respond }) => {
    await ack()
    const line = commandLine(action)
    if (line === undefined || !reception.handled.isFirst(clickKey(body, action), true)) return
    const ways = waysToAnswer(reception, body, respond)
    await attempt(
      reception,
      { what: line, speaker: interactionSpeaker(body), tell: ways.tell },
      async (person) => {
        const answer = await waitFor(ways.window, line, reception.front.say(line, person))
        const changesItself = answer.kind === 'message' && isLivingMessage(body) && !onlyLooks(line)
        if (!changesItself) await showAnswer(reception, ways, answer)
        if (body.view?.type === 'home') await publishHome(reception, person, body.user.id)
      },
    )
  })
}

/** Undefined for a link button, which Slack reports too, and for anything we never drew. */
function commandLine(action: BlockElementAction): string | undefined {
  if (action.type === 'button') return action.value || undefined
  if (action.type === 'static_select' || action.type === 'overflow') return action.selected_option?.value
  return undefined
}

/** The same click delivered twice; a second click of the same person is another one, and the database decides it. */
function clickKey(body: BlockAction, action: BlockElementAction): string {
  const where = body.message?.['ts'] ?? body.container['message_ts'] ?? body.view?.id
  return ['click', body.user.id, action.action_ts, action.action_id, where].join(' ')
}

function waysToAnswer(reception: Reception, body: BlockAction, respond: RespondFn) {
  const window = windowFor(reception, body.trigger_id, body.view?.type === 'modal' ? 'push' : 'open')
  if (body.view) return { window, tell: inWindow(window) }
  return { window, tell: either(whisper(respond), direct(reception, body.user.id)) }
}

/** The delivery workers edit the message of an alert; a private list or a direct message stays as it was sent. */
function isLivingMessage(body: BlockAction): boolean {
  return !body.view && body.container['is_ephemeral'] !== true && !body.channel?.id.startsWith('D')
}

function onlyLooks(line: string): boolean {
  const command = parseCommand(line)
  return !isComplaint(command) && commands[command.name].needs === 'VIEWER'
}
