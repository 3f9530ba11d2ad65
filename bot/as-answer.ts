import { Conflict, NotFound } from '#db/errors.ts'
import type { Answer } from '#engine/command/answer.ts'

/** What is not there, or cannot be kept beside what is, is a refusal; everything else that is thrown is a failure of ours. */
export async function asAnswer(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof NotFound || error instanceof Conflict)
      return { kind: 'refused', because: error.message }
    throw error
  }
}
