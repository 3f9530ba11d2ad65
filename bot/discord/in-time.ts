import { setTimeout as pause } from 'node:timers/promises'

/** Discord drops an interaction that is not answered within 3 s; half of it is kept for the network. */
const patienceMs = 1500

/** The work's result; where it takes long, `defer` is called meanwhile to keep the interaction alive. */
export async function inTime<Result>(work: Promise<Result>, defer: () => Promise<void>): Promise<Result> {
  const given = new AbortController()
  const late = pause(patienceMs, true, { signal: given.signal }).catch(() => false)
  const isLate = await Promise.race([work.then(() => false), late]).finally(() => given.abort())
  if (isLate) await defer()
  return work
}
