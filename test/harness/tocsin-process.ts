import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { eventually } from './eventually.ts'

const root = join(import.meta.dirname, '..', '..')

export interface TocsinProcess {
  /** Everything it printed so far, errors included. */
  readonly output: () => string
  readonly pid: number
  prints(line: string | RegExp, patienceMs?: number): Promise<void>
  signal(name: NodeJS.Signals): void
  /** Its exit code; null where a signal ended it. */
  ended(patienceMs?: number): Promise<number | null>
}

/** The real command line in a process of its own, with nothing in its environment but what is given. */
export function startTocsin(
  words: readonly string[],
  variables: Readonly<Record<string, string>>,
  node = process.execPath,
): TocsinProcess {
  const child: ChildProcess = spawn(node, [join(root, 'bot', 'cli', 'tocsin.js'), ...words], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text))
  const exit = once(child, 'close')
  return {
    output: () => output,
    pid: child.pid ?? 0,
    prints: async (line, patienceMs = 60_000) => {
      const isThere = () => (typeof line === 'string' ? output.includes(line) : line.test(output))
      await eventually(
        `${String(line)} in the output`,
        () => {
          if (!isThere() && child.exitCode !== null)
            throw new Error(`it ended with ${child.exitCode}, having said:\n${output}`)
          return isThere()
        },
        patienceMs,
      )
    },
    signal: (name) => void child.kill(name),
    ended: async (patienceMs = 30_000) => {
      await eventually(
        'the process to end',
        () => child.exitCode !== null || child.signalCode !== null,
        patienceMs,
      )
      await exit
      return child.exitCode
    },
  }
}

/** The processes that work in a folder: what a start that was ended must not leave behind. */
export async function processesIn(folder: string): Promise<{ pid: number; command: string }[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    ids.map(async (id) => ({
      pid: Number(id),
      command: await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''),
    })),
  )
  return found.filter(({ command }) => command.includes(folder))
}

export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
