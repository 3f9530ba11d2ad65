import { setTimeout as pause } from 'node:timers/promises'

/** Waits until `look` answers with something true, and says what was seen last when it never does. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  patienceMs = 10_000,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const seen = await look()
    if (seen !== undefined && seen !== null && seen !== false)
      return seen as Exclude<T, false | null | undefined>
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs} ms in vain for: ${what}`)
    await pause(15)
  }
}
