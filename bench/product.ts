import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** A Tocsin as people start it, in a process of its own. */
export interface Product {
  readonly pid: number
  readonly origin: string
  readonly dataFolder: string
  /** From starting the process until `GET /` answered 200. */
  readonly toFirstPageMs: number
  stop(): Promise<void>
}

interface ProductOptions {
  readonly dataFolder: string
  readonly variables?: Readonly<Record<string, string>>
}

const program = join(import.meta.dirname, '..', 'bot', 'cli', 'tocsin.js')
/** What `npm start` tells Node. */
const asNpmDoes = ['--max-semi-space-size=16']
const startPatienceMs = 60_000

export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'))
  // Run as root, PostgreSQL works under an account of its own, which must get in here.
  await chmod(folder, 0o755)
  return folder
}

export async function inFreshFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await freshFolder()
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export async function withProduct<Result>(
  options: ProductOptions,
  use: (product: Product) => Promise<Result>,
): Promise<Result> {
  const product = await startProduct(options)
  try {
    return await use(product)
  } finally {
    await product.stop()
  }
}

export async function startProduct({ dataFolder, variables = {} }: ProductOptions): Promise<Product> {
  const port = await freePort()
  const started = performance.now()
  const child = spawn(process.execPath, [...asNpmDoes, program, 'start', '--no-demo'], {
    // Only what is named here: the figures must not depend on whose shell it is.
    env: { PATH: process.env['PATH'] ?? '', TOCSIN_DATA: dataFolder, PORT: String(port), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const origin = `http://127.0.0.1:${port}`
  while (!(await answers(origin))) {
    const isLate = performance.now() - started > startPatienceMs
    if (isLate || child.exitCode !== null) {
      await stop(child)
      throw new Error(`Tocsin did not start. It said:\n${said}`)
    }
    await pause(5)
  }
  return {
    pid: child.pid ?? 0,
    origin,
    dataFolder,
    toFirstPageMs: performance.now() - started,
    stop: () => stop(child),
  }
}

async function answers(origin: string): Promise<boolean> {
  try {
    const response = await fetch(origin)
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
