import type { Command } from './command.ts'
import { commandTitle } from './registry.ts'

/**
 * What a command is about, for whoever asks later who did it: `ack #42`, `contact media ada email`. Addresses are left out, because
 * some of them are secrets.
 */
export function deedOf(command: Command): string {
  return [commandTitle(command.name), ...subjectOf(command)].join(' ')
}

function subjectOf(command: Command): string[] {
  if ('numbers' in command) return command.numbers.map((number) => `#${number}${partOf(command.only)}`)
  if ('number' in command) return [`#${command.number}`]
  if (command.name === 'route') return [command.row, command.severity]
  if (command.name === 'contact-media') return [command.id, command.type]
  if ('clauses' in command) return command.clauses ? [command.clauses.what] : []
  return ['id', 'rule', 'subject'].flatMap((name) => {
    const said: unknown = Reflect.get(command, name)
    return typeof said === 'string' ? [said] : []
  })
}

function partOf(only: number | undefined): string {
  return only === undefined ? '' : `.${only}`
}

/** It changes nothing yet: a form is opened, or somebody is asked whether they are sure. */
export function isOnlyAsking(command: Command): boolean {
  return 'isSure' in command && !command.isSure
}
