import type { Command } from './command/command.ts'
import { commands, commandTitle, commandWord } from './command/registry.ts'
import type { Person, Role } from './person.ts'

const rank: Record<Role, number> = { VIEWER: 0, OPERATOR: 1, ADMIN: 2 }

/** The one comparison of roles, for people in chats and for programs alike. */
export function may(person: Pick<Person, 'role'>, needs: Role): boolean {
  return rank[person.role] >= rank[needs]
}

/** The refusal, or undefined when this person may. Asked anew on every command and every click. */
export function refusal(person: Person, command: Command): string | undefined {
  const { needs } = commands[command.name]
  if (may(person, needs)) return undefined
  return `You may look but not act: /${commandWord} ${commandTitle(command.name)} needs the role ${needs}, and you are ${person.role}. Ask an admin.`
}
