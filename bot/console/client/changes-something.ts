import { isComplaint, parseCommand } from '#engine/command/parse.ts'
import { commands } from '#engine/command/registry.ts'

/** What a viewer may say only looks; everything else changes something, and an edit will follow. */
export function changesSomething(line: string): boolean {
  const command = parseCommand(line)
  return !isComplaint(command) && commands[command.name].needs !== 'VIEWER'
}
