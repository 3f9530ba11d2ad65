import type { Answer, Question } from '#engine/telemetry/telemetry.ts'
import type { Completeness } from '#workers/telemetry/completeness.ts'
import type { Lateness } from '#workers/telemetry/lateness.ts'
import { type Checking, openSelfCheck } from './self-check.ts'

/** The latest past of a relation in memory, as far as questions need it. */
interface KeptPast<Asked> {
  /** Other questions may be asked from now on; false: it has to be begun anew for them. */
  accepts(questions: readonly Asked[]): boolean
  reaches(at: Date): boolean
  moveTo(at: Date): Promise<void>
  answer(question: Asked, completeness: Completeness): Answer | undefined
}

export interface RingKind<Asked extends Question> extends Checking<Asked> {
  readonly lateness: Lateness
  readonly isAbout: (question: Question | undefined) => question is Asked
  readonly open: (at: Date, questions: readonly Asked[]) => KeptPast<Asked>
}

/** All that is watched of a relation in this process, answered from one ring. */
export interface RingWatches {
  isAbout(question: Question | undefined): boolean
  /** Undefined where the ring cannot tell: it has not been seeded that far, or the window does not lie on its grid. */
  answer(questions: readonly Question[], at: Date): Promise<readonly (Answer | undefined)[]>
  add(questions: readonly Question[]): void
  remove(questions: readonly Question[]): void
}

/** Once is an accident; then the slots have moved to another grid. */
const mostStrays = 2

export function openRingWatches<Asked extends Question>(kind: RingKind<Asked>): RingWatches {
  const watched = new Map<string, { readonly question: Asked; watches: number }>()
  let ring: KeptPast<Asked> | undefined
  let isPlanned = false
  let strays = 0
  let turn: Promise<unknown> = Promise.resolve()
  const selfCheck = openSelfCheck(kind)
  const asked = () => [...watched.values()].map(({ question }) => question)

  /** The ring that can be asked for this instant. */
  function ringFor(at: Date): KeptPast<Asked> | undefined {
    if (ring && !isPlanned && !ring.accepts(asked())) ring = undefined
    isPlanned = true
    if (ring?.reaches(at)) {
      strays = 0
      return ring
    }
    if (ring && strays++ < mostStrays) return undefined
    strays = 0
    ring = kind.open(at, asked())
    selfCheck.restart(at)
    return ring
  }

  async function answer(questions: readonly Asked[], at: Date) {
    const completeness = await kind.lateness.of(kind.relation, at)
    const moved = completeness.isStamped ? ringFor(at) : undefined
    await moved?.moveTo(at)
    const answers = questions.map((question) => moved?.answer(question, completeness))
    return { answers, moved, completeness }
  }

  /** Nobody waits for it but whoever comes next. */
  async function check(answering: ReturnType<typeof answer>, at: Date): Promise<void> {
    const { moved, completeness } = await answering
    // What was added meanwhile the ring does not know yet.
    if (!moved || moved !== ring || !isPlanned) return
    if (await selfCheck.isWrong({ ring: moved, questions: asked(), at, completeness })) ring = undefined
  }

  return {
    isAbout: kind.isAbout,
    answer: (questions, at) => {
      const answering = turn.then(() => answer(questions.filter(kind.isAbout), at))
      turn = check(answering, at).catch(() => undefined)
      return answering.then(({ answers }) => answers)
    },
    add: (questions) => {
      for (const question of questions.filter(kind.isAbout)) {
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
