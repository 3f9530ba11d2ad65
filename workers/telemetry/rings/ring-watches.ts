import type { ExecutionsAnswer, ExecutionsQuestion } from '#engine/telemetry/telemetry.ts'
import type { Completeness } from '#workers/telemetry/completeness.ts'
import type { Lateness } from '#workers/telemetry/lateness.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { Ring } from './ring.ts'

/** All that is watched of executions in this process, answered from one ring. */
export interface RingWatches {
  /** Undefined where the ring cannot tell: it has not been seeded that far, or the window does not lie on its grid. */
  answer(
    questions: readonly ExecutionsQuestion[],
    at: Date,
  ): Promise<readonly (ExecutionsAnswer | undefined)[]>
  add(questions: readonly ExecutionsQuestion[]): void
  remove(questions: readonly ExecutionsQuestion[]): void
}

/** Once is an accident; then the slots have moved to another grid. */
const mostStrays = 2

export function openRingWatches(store: TelemetryStore, lateness: Lateness): RingWatches {
  const watched = new Map<string, { readonly question: ExecutionsQuestion; watches: number }>()
  let ring: Ring | undefined
  let isPlanned = false
  let strays = 0
  let turn: Promise<unknown> = Promise.resolve()

  /** The ring that can be asked for this instant. */
  function ringFor(at: Date): Ring | undefined {
    const questions = () => [...watched.values()].map(({ question }) => question)
    if (ring && !isPlanned && !ring.accepts(questions())) ring = undefined
    isPlanned = true
    if (ring?.reaches(at)) {
      strays = 0
      return ring
    }
    if (ring && strays++ < mostStrays) return undefined
    strays = 0
    ring = new Ring(store, at, questions())
    return ring
  }

  async function answer(questions: readonly ExecutionsQuestion[], at: Date) {
    const completeness = await lateness.of('executions', at)
    const moved = completeness.isStamped ? ringFor(at) : undefined
    await moved?.moveTo(at)
    return questions.map((question) => moved && answerFrom(moved, question, completeness))
  }

  return {
    answer: (questions, at) => {
      const answering = turn.then(() => answer(questions, at))
      turn = answering.catch(() => undefined)
      return answering
    },
    add: (questions) => {
      for (const question of questions) {
        const key = JSON.stringify(question)
        const known = watched.get(key)
        if (known) known.watches += 1
        else watched.set(key, { question, watches: 1 })
        if (!known) isPlanned = false
      }
    },
    remove: (questions) => {
      for (const question of questions) {
        const known = watched.get(JSON.stringify(question))
        if (known && --known.watches === 0) watched.delete(JSON.stringify(question))
      }
      if (watched.size === 0) ring = undefined
    },
  }
}

function answerFrom(
  ring: Ring,
  question: ExecutionsQuestion,
  { delayMs, silentSince }: Completeness,
): ExecutionsAnswer | undefined {
  const { windowSeconds, withP99 = false } = question
  const early = ring.window(windowSeconds, 0, withP99)
  const settled = ring.window(windowSeconds, delayMs, withP99)
  if (!early || !settled) return undefined
  const key = ring.keyOf(question)
  const figures = early.figuresOf(key, withP99)
  if (silentSince) return { about: 'executions', early: figures, settled: undefined, silentSince }
  return { about: 'executions', early: figures, settled: settled.figuresOf(key, withP99) }
}
