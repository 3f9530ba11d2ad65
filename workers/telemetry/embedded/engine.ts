import { randomUUID } from 'node:crypto'
import type { Session } from 'chdb'
import { preparation, quoted, type QueryRequest } from './request.ts'
import { Turnstile } from './turnstile.ts'

export interface EngineResult {
  readonly bytes: Uint8Array
  readonly rows: number
  readonly resultBytes: number
  readonly elapsedSeconds: number
}

export interface Engine {
  /** Rejects with ClickHouse's own message. An abort stops the query inside the engine too. */
  run(request: QueryRequest, signal: AbortSignal): Promise<EngineResult>
  /** Waits for running queries, then lets the data folder go. */
  close(): Promise<void>
}

/** Caches default to gigabytes and pools to a server's; a guest in someone's laptop takes less. */
const engineArguments = [
  '--mark_cache_size=67108864',
  '--index_mark_cache_size=16777216',
  '--primary_index_cache_size=67108864',
  '--query_condition_cache_size=8388608',
  '--compiled_expression_cache_size=16777216',
  '--max_server_memory_usage=2147483648',
  '--max_thread_pool_free_size=8',
]

/** Only one process can hold a folder: the engine's own lock file says so, and dies with the process. */
export class DataFolderInUse extends Error {}

export async function openEngine(folder: string): Promise<Engine> {
  const { Session } = await import('chdb')
  let control: Session
  try {
    // The engine lives exactly as long as one connection does, so this one stays open.
    control = new Session(folder, { connectionArgs: engineArguments })
  } catch (cause) {
    throw new DataFolderInUse(`The ClickHouse data folder ${folder} cannot be opened`, { cause })
  }
  await control.queryAsync('SELECT 1')
  return new EmbeddedEngine(folder, control, Session)
}

class EmbeddedEngine implements Engine {
  readonly #folder: string
  readonly #control: Session
  readonly #Session: typeof Session
  // chdb frees a closed connection only when no query runs at all, hence the room that empties regularly.
  readonly #turnstile = new Turnstile({ slots: 4, waiting: 256, emptyEvery: 256 })

  constructor(folder: string, control: Session, SessionClass: typeof Session) {
    this.#folder = folder
    this.#control = control
    this.#Session = SessionClass
  }

  async run(request: QueryRequest, signal: AbortSignal): Promise<EngineResult> {
    const leave = await this.#turnstile.enter(signal)
    // A connection per query: settings, parameters, database and temporary tables end with it.
    const connection = new this.#Session(this.#folder)
    try {
      return await this.#runOn(connection, request, signal)
    } finally {
      connection.close()
      leave()
    }
  }

  async close(): Promise<void> {
    await this.#turnstile.empty()
    this.#control.close()
  }

  async #runOn(connection: Session, request: QueryRequest, signal: AbortSignal): Promise<EngineResult> {
    const mark = randomUUID()
    await connection.queryAsync(preparation(request, mark))
    signal.throwIfAborted()
    const kill = () => void this.#kill(mark)
    signal.addEventListener('abort', kill, { once: true })
    try {
      const result = await connection.queryAsync(request.sql, { format: request.format })
      const { rowsRead: rows, bytesRead: resultBytes, elapsed: elapsedSeconds } = result
      return { bytes: result.bytes(), rows, resultBytes, elapsedSeconds }
    } finally {
      signal.removeEventListener('abort', kill)
    }
  }

  // A query that ended by itself meanwhile is what was wanted, so a failing kill is no failure.
  async #kill(mark: string): Promise<void> {
    const victim = `Settings['log_comment'] = ${quoted(mark)}`
    await this.#control.queryAsync(`KILL QUERY WHERE ${victim} ASYNC FORMAT Null`).catch(() => undefined)
  }
}
