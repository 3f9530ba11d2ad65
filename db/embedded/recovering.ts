import { setTimeout as sleep } from 'node:timers/promises'

const patienceMs = 5 * 60_000
const pollMs = 50

// crash_shutdown and cannot_connect_now (https://www.postgresql.org/docs/18/errcodes-appendix.html), and what the
// driver says when the former arrives too late to be read.
const passingCodes = new Set(['57P02', '57P03', 'CONNECTION_CLOSED', 'ECONNRESET'])

/** One crashed session makes a running server start over, at any moment, while its lock file goes on saying "ready": asks until it has. */
export async function waitingOutRecovery<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!isRecovering(error) || performance.now() > deadline) throw error
      await sleep(pollMs)
    }
  }
}

function isRecovering(error: unknown): boolean {
  return error instanceof Error && 'code' in error && passingCodes.has(String(error.code))
}
