import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { Attendance } from './attendance.ts'
import { findEndpoint, saveEndpoint } from './endpoint.ts'
import { engineOptionsSchema, type EngineNews, type EngineOptions } from './engine-news.ts'
import { DataFolderInUse, openEngine, type Engine } from './engine.ts'
import { createHttpDoor, type RoleBook } from './http-door.ts'
import { listenOnLoopback } from './listen.ts'

// The whole life of the process that holds the engine: it belongs to no role, outlives the one that started it, and
// ends when the last role takes leave or none has called in for a span.

const closingMs = 15_000

async function live({ folder, spanMs }: EngineOptions): Promise<void> {
  // First, because opening the data folder is what decides which of two starters becomes the engine.
  const engine = await openEngine(join(folder, 'data'))
  const remembered = await findEndpoint(folder)
  const password = remembered?.password ?? randomBytes(24).toString('base64url')
  const attendance = new Attendance(spanMs, performance.now())
  let ending = false
  const roles: RoleBook = {
    attend(role) {
      if (!ending) attendance.attend(role, performance.now())
      return !ending
    },
    leave(role) {
      attendance.leave(role)
      ending ||= attendance.isEmpty(performance.now())
      if (ending) setImmediate(finish)
      return ending
    },
  }
  const server = createHttpDoor({ engine, password, roles })
  const finish = () => {
    ending = true
    void end(server, engine)
  }
  const port = await listenOnLoopback(server, remembered?.port)
  await saveEndpoint(folder, { pid: process.pid, port, password })
  setInterval(() => attendance.isDeserted(performance.now()) && finish(), spanMs / 6)
  process.once('SIGTERM', finish)
  process.once('SIGINT', finish)
  await tell({ kind: 'ready' })
}

async function end(server: Server, engine: Engine): Promise<void> {
  setTimeout(() => process.exit(1), closingMs).unref()
  server.close()
  await engine.close()
  process.exit(0)
}

/** Whoever started us may be gone by now, and waits for nothing more once it has heard. */
async function tell(news: EngineNews): Promise<void> {
  if (!process.connected) return
  await new Promise((resolve) => process.send?.(news, resolve))
  if (process.connected) process.disconnect()
}

try {
  await live(engineOptionsSchema.parse(JSON.parse(process.argv[2] ?? '')))
} catch (error) {
  console.error(error)
  await tell(
    error instanceof DataFolderInUse ? { kind: 'in use' } : { kind: 'failed', because: String(error) },
  )
  process.exit(1)
}
