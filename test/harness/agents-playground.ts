import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * Microsoft 365 Agents Playground, the only Teams client of Microsoft's that runs offline. Its licence is for
 * evaluation, so it is no dependency of ours: AGENTS_PLAYGROUND names the folder it was installed into with npm.
 */
export function requiresAgentsPlayground(): { path: string } | { missing: string } {
  const folders = [process.env['AGENTS_PLAYGROUND'], '.'].filter((folder) => folder !== undefined)
  const paths = folders.map((folder) => resolve(folder, 'node_modules/.bin/agentsplayground'))
  const path = paths.find(isExecutable)
  if (path !== undefined) return { path }
  return {
    missing:
      'the Microsoft 365 Agents Playground is not installed (npm install @microsoft/m365agentsplayground@0.2.28 ' +
      'in a folder outside the project, and name it in AGENTS_PLAYGROUND)',
  }
}

export interface AgentsPlayground {
  readonly url: string
  /** Everything it sent and received so far, as it recorded it. */
  recording(): Promise<string>
  close(): Promise<void>
}

export async function startAgentsPlayground(program: string, messagesUrl: string): Promise<AgentsPlayground> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-playground-'))
  const flags = [
    'start',
    '-e',
    messagesUrl,
    '-c',
    'msteams',
    '--disable-telemetry',
    '--enable-events-recording',
  ]
  const child = spawn(program, flags, {
    cwd: folder,
    env: { ...process.env, BROWSER: 'none' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const port = await listeningPort(child)
  return {
    url: `http://127.0.0.1:${port}`,
    async recording() {
      const logs = join(folder, 'devTools')
      const names = (await readdir(logs)).filter((name) => name.startsWith('events_recording'))
      return (await Promise.all(names.map((name) => readFile(join(logs, name), 'utf8')))).join('\n')
    },
    async close() {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit')
        child.kill()
        await exited
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** When its port is taken it falls back to any other, so it is asked for none and listened to. */
function listeningPort(child: ChildProcess): Promise<number> {
  const { promise, resolve: found, reject } = Promise.withResolvers<number>()
  let said = ''
  const hear = (chunk: Buffer) => {
    said += chunk.toString()
    const port = /listening on (\d+)/i.exec(said)?.[1]
    if (port !== undefined) found(Number(port))
  }
  child.stdout?.on('data', hear)
  child.stderr?.on('data', hear)
  child.once('error', reject)
  child.once('exit', () => reject(new Error(`The Agents Playground did not start: ${said}`)))
  return promise
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
