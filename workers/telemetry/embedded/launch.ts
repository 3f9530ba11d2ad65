import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { engineNewsSchema, type EngineNews, type EngineOptions } from './engine-news.ts'

const enginePath = fileURLToPath(new URL('./engine-process.ts', import.meta.url))
const largestLogBytes = 1024 * 1024

/**
 * Each running query occupies a thread of Node's pool, and stopping one must not wait for another to end. Nothing else
 * of our environment is passed on: the engine has no use for our tokens.
 */
const engineEnvironment = { UV_THREADPOOL_SIZE: '8', TZ: 'UTC' }

/** Starts an engine process that lives on without us, and waits for its first words. */
export async function launchEngine(options: EngineOptions): Promise<EngineNews> {
  const log = await openLog(options.folder)
  try {
    const child = spawn(process.execPath, [enginePath, JSON.stringify(options)], {
      detached: true,
      env: engineEnvironment,
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
    })
    const news = await firstWords(child)
    child.unref()
    return news
  } finally {
    await log.close()
  }
}

/** A process id outlives its process: it may belong to a stranger by now, or to a corpse nobody has collected. */
export async function isEngine(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return isAlive(pid)
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return commandLine.includes(enginePath)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function firstWords(child: ChildProcess): Promise<EngineNews> {
  const over = new AbortController()
  const { signal } = over
  const silence = (reason: string): EngineNews => ({
    kind: 'failed',
    because: `The engine process ${reason}`,
  })
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => engineNewsSchema.parse(message)),
      once(child, 'exit', { signal }).then(([code, ended]) =>
        silence(`ended at once (${String(code ?? ended)})`),
      ),
    ])
  } catch (error) {
    return silence(`could not be started: ${String(error)}`)
  } finally {
    over.abort()
  }
}

async function openLog(folder: string): Promise<Awaited<ReturnType<typeof open>>> {
  const path = join(folder, 'engine.log')
  const size = await stat(path).then(
    ({ size }) => size,
    () => 0,
  )
  return open(path, size > largestLogBytes ? 'w' : 'a', 0o600)
}
