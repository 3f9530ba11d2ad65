import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

const patienceMs = 30_000
const goodbyeMs = 8000

interface Program {
  readonly path: string
  readonly words: readonly string[]
  /** Answers 200 once it is ready. */
  readonly readyUrl: string
}

/** Runs a server for as long as it is used, and ends it. */
export async function withProgram<Result>(
  { path, words, readyUrl }: Program,
  use: (pid: number) => Promise<Result>,
): Promise<Result> {
  const child = spawn(path, words, { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)))
  try {
    const deadline = performance.now() + patienceMs
    while (!(await answers(readyUrl))) {
      if (child.exitCode !== null || performance.now() > deadline)
        throw new Error(`${path} did not start. It said:\n${said}`)
      await pause(50)
    }
    return await use(child.pid ?? 0)
  } finally {
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), goodbyeMs)
    await exited
    clearTimeout(late)
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url)
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}
