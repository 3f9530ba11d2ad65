import type { Logger } from 'pino'
import { isWriteToLostConnection } from '#db/renewing.ts'
import type { Closing } from './closing.ts'

const patienceMs = 20_000

/** The first signal closes the house in order; a second one, or patience running out, ends it at once. */
export function endOnSignal(closing: Closing, log: Logger): void {
  let asked = false
  const end = (code: number) => {
    if (asked) process.exit(1)
    asked = true
    setTimeout(() => process.exit(1), patienceMs).unref()
    void closing.close().then(() => process.exit(code))
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      console.log('\nStopping …')
      end(0)
    })
  }
  // Whoever read what we print may go (a pipe, a terminal, a full disk); the watch goes on.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined)
  // A chat SDK that drops a promise (discord.js does, on a malformed packet) must not take the other doors with it.
  process.on('unhandledRejection', (error) =>
    log.error({ err: error }, 'something failed that nobody waited for'),
  )
  // Rows are the truth, so ending is safe; going on after the unexpected is not.
  process.on('uncaughtException', (error) => {
    if (isWriteToLostConnection(error)) {
      log.warn({ err: error }, 'a connection to the database was lost; others take its place')
      return
    }
    log.fatal({ err: error }, 'something unexpected happened; Tocsin stops so that it can be started afresh')
    end(1)
  })
}
