import { setTimeout as pause } from 'node:timers/promises'

const patienceMs = 5000

/**
 * What the database answers, or a failure when it takes too long: its driver waits for a server that is gone for as long as
 * it takes. That the answer may still come is no harm where asking twice is none.
 */
export async function answerInTime<T>(answer: Promise<T>): Promise<T> {
  const enough = new AbortController()
  try {
    return await Promise.race([answer, tooLong(enough.signal)])
  } finally {
    enough.abort()
  }
}

async function tooLong(enough: AbortSignal): Promise<never> {
  await pause(patienceMs, undefined, { signal: enough })
  throw new Error(`the database has not answered for ${patienceMs / 1000} s`)
}
