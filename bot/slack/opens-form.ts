import { isComplaint, parseCommand } from '#engine/command/parse.ts'

/** True when answering will take a form, which Slack only opens for a click or a slash command, and only at once. */
export function opensForm(text: string): boolean {
  const command = parseCommand(text)
  if (isComplaint(command)) return false
  if (command.name === 'silence-where') return command.clauses === undefined
  return command.name === 'rule-create' || (command.name === 'silence' && command.until === undefined)
}
