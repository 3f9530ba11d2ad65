import { chmod } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

const patienceMs = 10 * 60_000
const retryMs = 50

/**
 * Runs `work` while no other process does so under the same file.
 * SQLite's file lock is the only one Node offers that the kernel lets go when its holder is killed.
 */
export async function withLock<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  const lock = openLock(file)
  try {
    // Whoever may open the file may lock us out. (Never open it beside SQLite: on close the kernel would drop the lock.)
    await chmod(file, 0o600)
    await take(lock, file)
    return await work()
  } finally {
    lock.close()
  }
}

function openLock(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file, { timeout: 0 })
  } catch (cause) {
    throw new Error(
      `Cannot open ${file}, which guards the embedded database. Start Tocsin as the user who owns that file, ` +
        'name a folder you may write to in TOCSIN_DATA, or set DATABASE_URL.',
      { cause },
    )
  }
}

async function take(lock: DatabaseSync, file: string): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!tryTake(lock)) {
    if (performance.now() > deadline) {
      throw new Error(
        `Another Tocsin process has held ${file} for ten minutes while starting or stopping the embedded ` +
          'database. Look at that process, end it, and start again.',
      )
    }
    await sleep(retryMs)
  }
}

function tryTake(lock: DatabaseSync): boolean {
  try {
    lock.exec('begin exclusive')
    return true
  } catch (error) {
    const busy = 5 // SQLITE_BUSY, https://www.sqlite.org/rescode.html
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return false
    throw error
  }
}
