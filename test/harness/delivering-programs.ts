import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const program = join(import.meta.dirname, 'delivering-process.ts')

interface Delivering {
  readonly databaseUrl: string
  readonly vendorUrl: string
  /** Of its clock. */
  readonly aheadMs?: number
  /** At one destination. */
  readonly concurrency?: number
}

/** Deliverers in processes of their own, each of them to be killed. */
export function deliveringPrograms() {
  const living = new Set<ChildProcess>()
  const kill = async (child: ChildProcess) => {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  return {
    start: async ({ databaseUrl, vendorUrl, aheadMs = 0, concurrency = 8 }: Delivering) => {
      const child = spawn(
        process.execPath,
        [program, databaseUrl, vendorUrl, String(aheadMs), String(concurrency)],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
      living.add(child)
      child.once('exit', () => living.delete(child))
      if (child.stdout) await once(createInterface(child.stdout), 'line')
      return child
    },
    kill,
    killAll: async () => {
      for (const child of living) await kill(child)
    },
  }
}
