import type { Answer } from '#engine/command/answer.ts'
import type { Command } from '#engine/command/command.ts'
import { deedOf, isOnlyAsking } from '#engine/command/deed.ts'
import { commands } from '#engine/command/registry.ts'
import { refusal } from '#engine/access.ts'
import { asActor, type Person } from '#engine/person.ts'
import type { Desk } from '#bot/desk.ts'

/**
 * A command that somebody may give is carried out, and the audit knows of it before and after: it was done, or was not let. A form that
 * opens is neither, and what fails stays begun.
 */
export async function noted(
  { audit }: Pick<Desk, 'audit'>,
  { command, person }: { readonly command: Command; readonly person: Person },
  carryOut: () => Promise<Answer>,
): Promise<Answer> {
  const because = refusal(person, command)
  const carried = (): Promise<Answer> =>
    because === undefined ? carryOut() : Promise.resolve({ kind: 'refused', because })
  if (commands[command.name].needs === 'VIEWER') return carried()
  const deed = { door: person.surface, actor: asActor(person), what: deedOf(command) }
  const begun = because === undefined && !isOnlyAsking(command) ? await audit.begin(deed) : undefined
  const answer = await carried()
  if (answer.kind === 'refused') audit.refused({ ...deed, because: answer.because })
  await (answer.kind === 'message' ? begun?.done() : begun?.nothing())
  return answer
}
