import { loadRouting } from '#db/repositories/routing.ts'
import type { Answer } from '#engine/command/answer.ts'
import type { Line } from '#engine/message/message.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import { contactCard } from '#engine/view/contacts.ts'
import type { Desk } from './desk.ts'

/** What happened, over the contact as it is now. */
export async function changedContact(
  { db, settings }: Desk,
  id: string,
  { headline, notes = [] }: { readonly headline: string; readonly notes?: readonly Line[] },
): Promise<Answer> {
  const routing = await loadRouting(db, settings.routing)
  const listener = routing.listeners.get(id)
  // Somebody else may have removed it meanwhile.
  if (!listener) return { kind: 'refused', because: `There is no contact "${id.slice(0, 80)}" any more.` }
  return { kind: 'message', message: { ...contactCard(listener, routing), headline, notes } }
}

const mostProblems = 5

/** As REST says it, with each field and its remedy. */
export function notKept(what: string, problems: readonly FieldProblem[]): Answer {
  const said = problems.slice(0, mostProblems).map(({ field, problem }) => ` ${field}: ${problem}`)
  return { kind: 'refused', because: `${what} cannot be kept.${said.join('')}` }
}
