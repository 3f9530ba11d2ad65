import type { Answer } from '#engine/command/answer.ts'
import type { Command } from '#engine/command/command.ts'
import { deedOf, isOnlyAsking } from '#engine/command/deed.ts'
import { commands } from '#engine/command/registry.ts'
import { asActor, type Person } from '#engine/person.ts'
import type { Desk } from '#bot/desk.ts'

/** What came of a command that changes something, for the audit: it was done, or was not let. A form that opens is neither. */
export async function noteAnswer(
  { audit }: Pick<Desk, 'audit'>,
  command: Command,
  { person, answer }: { readonly person: Person; readonly answer: Answer },
): Promise<void> {
  if (commands[command.name].needs === 'VIEWER') return
  const deed = { door: person.surface, actor: asActor(person), what: deedOf(command) }
  if (answer.kind === 'refused') audit.refused({ ...deed, because: answer.because })
  else if (answer.kind === 'message' && !isOnlyAsking(command)) await audit.done(deed)
}
