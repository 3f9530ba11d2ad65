import { randomUUID } from 'node:crypto'
import { NotFound } from '#db/errors.ts'
import { changeIncident } from '#db/repositories/incidents.ts'
import type { Answer } from '#engine/command/answer.ts'
import { type Decide, type Decision, silence } from '#engine/incident/decide.ts'
import { timelineLine } from '#engine/incident/timeline.ts'
import { type Line, message } from '#engine/message/message.ts'
import { asActor, type Person } from '#engine/person.ts'
import type { Desk } from './desk.ts'

interface SilenceOrder {
  readonly number: number
  readonly until: Date
  readonly reason: string
}

export async function silenceIncident(
  desk: Desk,
  person: Person,
  { number, until, reason }: SilenceOrder,
): Promise<Answer> {
  return changeEach(
    desk,
    [number],
    silence(asActor(person), desk.clock(), { id: randomUUID(), until, reason }),
  )
}

/** One transaction for each: a refusal for one of them is no reason to leave the others. */
export async function changeEach(desk: Desk, numbers: readonly number[], decide: Decide): Promise<Answer> {
  const outcomes: { number: number; decision: Decision }[] = []
  for (const number of numbers) {
    outcomes.push({ number, decision: await changeOne(desk, number, decide) })
  }
  return report(outcomes)
}

async function changeOne(desk: Desk, number: number, decide: Decide): Promise<Decision> {
  try {
    const { decision, notificationIds } = await changeIncident(desk.db, number, decide, {
      now: desk.clock(),
      settings: desk.settings,
    })
    await desk.announce(notificationIds)
    return decision
  } catch (error) {
    if (error instanceof NotFound) return { kind: 'refused', because: error.message }
    throw error
  }
}

function report(outcomes: readonly { number: number; decision: Decision }[]): Answer {
  const refused = outcomes.flatMap(({ decision }) => (decision.kind === 'refused' ? [decision.because] : []))
  if (refused.length === outcomes.length) return { kind: 'refused', because: refused.join(' ') }
  const lines = outcomes.map(({ number, decision }): Line => {
    if (decision.kind === 'refused') return [`#${number}: ${decision.because}`]
    return [{ strong: `#${number}` }, ': ', ...timelineLine(decision.entry)]
  })
  return { kind: 'message', message: message({ headline: 'Done', lines }) }
}
