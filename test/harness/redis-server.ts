import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'

export interface RedisServer {
  readonly url: string
  /** Killed without warning and started again, empty, on the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
  close(): Promise<void>
}

export async function startRedis(program: string, password: string): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-redis-'))
  const port = await freePort()
  const url = `redis://:${password}@127.0.0.1:${port}`
  const options = { port, bind: '127.0.0.1', dir: folder, requirepass: password, save: '', appendonly: 'no' }
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  const start = async () => {
    const child = spawn(program, flags, { stdio: 'ignore' })
    await answers(url)
    return child
  }
  let server = await start()
  return {
    url,
    async restart() {
      await stop(server)
      server = await start()
    },
    stop: () => stop(server),
    async close() {
      await stop(server)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

async function answers(url: string): Promise<void> {
  const redis = new Redis(url, { retryStrategy: (attempt) => (attempt > 100 ? null : 50) })
  redis.on('error', () => undefined)
  try {
    await redis.ping()
  } finally {
    redis.disconnect()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
