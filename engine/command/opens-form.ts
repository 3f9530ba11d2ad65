import { isComplaint, parseCommand } from './parse.ts'

/** True when answering the line will take a form, which some platforms only open for a click, and only at once. */
export function opensForm(line: string): boolean {
  const command = parseCommand(line)
  if (isComplaint(command)) return false
  switch (command.name) {
    case 'rule-create':
      return true
    case 'silence':
      return command.until === undefined
    case 'contact-rule':
      return command.rule === undefined
    case 'silence-where':
      return command.clauses === undefined
    default:
      return false
  }
}
