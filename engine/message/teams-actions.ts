import { opensForm } from '#engine/command/opens-form.ts'
import type { AdaptiveCard, CardElement } from './adaptive-card.ts'
import type { Action, Button, Link, Menu } from './message.ts'
import { plainWords, webAddress } from './teams-text.ts'

/** More than six and Teams hides the rest. */
const maxActions = 6
const maxOptions = 24
const maxTitle = 60
/** A command cut short would be another command: beyond this the button is left out. */
const maxCommand = 500

export function teamsActions(actions: readonly Action[]): CardElement[] {
  return actions.flatMap(drawAction).slice(0, maxActions)
}

function drawAction(action: Action): CardElement[] {
  if (action.kind === 'link') return drawLink(action)
  return action.kind === 'menu' ? drawMenu(action) : drawButton(action)
}

export function drawButton(button: Button): CardElement[] {
  const { command } = button
  if (command.length > maxCommand || !command.isWellFormed()) return []
  const title = plainWords(button.label, maxTitle)
  if (opensForm(command)) return [openDialogButton(title, command)]
  const data = { command }
  return [
    {
      type: 'Action.Execute',
      title,
      verb: 'say',
      data,
      ...(button.style ? { style: button.style === 'primary' ? 'positive' : 'destructive' } : {}),
      fallback: { type: 'Action.Submit', title, data },
    },
  ]
}

/** Only a Submit that names `task/fetch` can open a dialog; an Execute can do no more than replace its card. */
export function openDialogButton(title: string, command: string): CardElement {
  return { type: 'Action.Submit', title, data: { msteams: { type: 'task/fetch' }, command } }
}

function drawMenu(menu: Menu): CardElement[] {
  const buttons = menu.options
    .slice(0, maxOptions)
    .flatMap(({ label, command }) => drawButton({ kind: 'button', label, command }))
  if (buttons.length === 0) return []
  const card: Pick<AdaptiveCard, 'type' | 'body'> = { type: 'AdaptiveCard', body: rows(buttons) }
  return [{ type: 'Action.ShowCard', title: plainWords(menu.label, maxTitle), card }]
}

function rows(buttons: readonly CardElement[]): CardElement[] {
  const count = Math.ceil(buttons.length / maxActions)
  return Array.from({ length: count }, (_, row) => ({
    type: 'ActionSet',
    actions: buttons.slice(row * maxActions, (row + 1) * maxActions),
  }))
}

function drawLink(link: Link): CardElement[] {
  const url = webAddress(link.href)
  return url ? [{ type: 'Action.OpenUrl', title: plainWords(link.label, maxTitle), url }] : []
}
