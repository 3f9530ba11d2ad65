import { isDeepStrictEqual } from 'node:util'
import type { RingCheck } from '#engine/telemetry/ring-check.ts'
import type { Answer, Question } from '#engine/telemetry/telemetry.ts'
import type { Completeness } from '#workers/telemetry/completeness.ts'
import type { RelationName } from '#workers/telemetry/relations.ts'
import { openSampler } from './sample-questions.ts'

/** What a check needs of a ring. */
interface Remembered<Asked> {
  moveTo(at: Date): Promise<void>
  answer(question: Asked, completeness: Completeness): Answer | undefined
}

export interface Checking<Asked> {
  readonly relation: RelationName
  /** What the store says by counting anew, of windows that end at an instant; rejects where it would take long. */
  readonly recount: (questions: readonly Asked[], at: Date) => Promise<readonly Answer[]>
  readonly sampleSize: number
  readonly tell: (check: RingCheck) => void
}

interface Occasion<Asked> {
  readonly ring: Remembered<Asked>
  readonly questions: readonly Asked[]
  readonly at: Date
  readonly completeness: Completeness
}

export interface SelfCheck<Asked> {
  /** Whether the ring is to be thrown away: it does not remember what the store has. */
  isWrong(occasion: Occasion<Asked>): Promise<boolean>
  /** There is another ring from now on, which began then. */
  restart(at: Date): void
}

const everyMs = 3_600_000
/**
 * Rows that become visible late are looked for again once a minute, and two minutes back: what has not been put right after that is
 * not on its way.
 */
const patienceMs = 180_000
const mostAttempts = 3

interface Suspicion<Asked> {
  readonly since: number
  readonly questions: readonly Asked[]
}

/**
 * Memory must never quietly drift from the store. Once an hour a few of the questions are counted anew, of one length of window at a
 * time and each in its turn; what differs then, and still does when late rows have been seen, is wrong.
 */
export function openSelfCheck<Asked extends Question>(checking: Checking<Asked>): SelfCheck<Asked> {
  let checkedAt = 0
  let suspicion: Suspicion<Asked> | undefined
  const sampler = openSampler<Asked>(checking.sampleSize)

  async function attempt(some: readonly Asked[], occasion: Occasion<Asked>): Promise<string> {
    try {
      const found = await compare(some, occasion, checking.recount)
      sampler.wasFine()
      return found
    } catch {
      // Whatever is wrong with the store is told where rules are evaluated.
      sampler.wasTooMuch(some)
      return 'undecided'
    }
  }

  async function look(occasion: Occasion<Asked>): Promise<boolean> {
    const { relation, tell } = checking
    const now = occasion.at.getTime()
    // Nobody counts for rules that are gone.
    const suspects = suspicion?.questions.filter((question) => occasion.questions.includes(question)) ?? []
    const some = suspects.length > 0 ? suspects : sampler.next(occasion.questions)
    const found = await attempt(some, occasion)
    const isDifferent = found !== 'equal' && found !== 'undecided'
    if (isDifferent && !suspicion) {
      suspicion = { since: now, questions: some }
      return false
    }
    suspicion = undefined
    checkedAt = now
    if (isDifferent) tell({ relation, outcome: 'different', difference: found })
    else tell({ relation, outcome: found })
    return isDifferent
  }

  return {
    restart: (at) => {
      checkedAt = at.getTime()
      suspicion = undefined
    },
    isWrong: async (occasion) => {
      const now = occasion.at.getTime()
      const isDue = suspicion ? now - suspicion.since >= patienceMs : now - checkedAt >= everyMs
      const { silentSince } = occasion.completeness
      if (!isDue || silentSince || occasion.questions.length === 0) return false
      return look(occasion)
    },
  }
}

/** How some of the questions differ, if they do; only a ring that says the same before and after the store was asked can be wrong. */
async function compare<Asked extends Question>(
  some: readonly Asked[],
  { ring, at, completeness }: Occasion<Asked>,
  recount: Checking<Asked>['recount'],
): Promise<string> {
  const settledAt = new Date(at.getTime() - completeness.delayMs)
  const remembered = () => some.map((question) => settledOf(ring.answer(question, completeness)))
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const before = remembered()
    const stored = (await recount(some, settledAt)).map(earlyOf)
    await ring.moveTo(at)
    const after = remembered()
    const known = [...some.keys()].filter((index) => before[index] !== undefined)
    const wrong = known.find(
      (index) =>
        isDeepStrictEqual(before[index], after[index]) && !isDeepStrictEqual(after[index], stored[index]),
    )
    if (wrong !== undefined) {
      const difference = { remembered: after[wrong], stored: stored[wrong], at: settledAt }
      return JSON.stringify({ question: some[wrong], ...difference })
    }
    if (known.some((index) => isDeepStrictEqual(stored[index], after[index]))) return 'equal'
  }
  return 'undecided'
}

function settledOf(answer: Answer | undefined): unknown {
  return answer && 'settled' in answer ? answer.settled : undefined
}

function earlyOf(answer: Answer): unknown {
  return 'early' in answer ? answer.early : undefined
}
