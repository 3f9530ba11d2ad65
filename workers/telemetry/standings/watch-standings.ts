import type { Question, Telemetry, Watch } from '#engine/telemetry/telemetry.ts'
import { watchByAsking } from '#engine/telemetry/watch-by-asking.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { answersFrom, isAskedFor, relationOf, type StandingsQuestion } from './answer-standings.ts'
import { StandingMemory } from './standing-memory.ts'

/** Of agents alone, or of deployments alone. */
export function areAllOfOneStanding(
  questions: readonly Question[],
): questions is readonly StandingsQuestion[] {
  const [first] = questions
  const isOne = first?.about === 'agents' || first?.about === 'deployments'
  return isOne && questions.every(({ about }) => about === first.about)
}

/** What came since the last look is read, and what is known of the rest is remembered; where that is not enough the store is asked. */
export function watchStandings(
  store: TelemetryStore,
  telemetry: Pick<Telemetry, 'ask'>,
  questions: readonly StandingsQuestion[],
): Watch {
  const asking = watchByAsking(telemetry, questions)
  const [first] = questions
  if (!first) return asking
  const memory = new StandingMemory(store, relationOf(first), isAskedFor(questions))
  return {
    ask: async (at, which = [...questions.keys()]) => {
      const standings = await memory.at(at)
      if (!standings) return asking.ask(at, which)
      return answersFrom(
        standings,
        which.map((index) => questions[index] ?? first),
        at,
      )
    },
    close: () => undefined,
  }
}
