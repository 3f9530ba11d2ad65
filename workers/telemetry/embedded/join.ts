import { setTimeout as sleep } from 'node:timers/promises'
import { findEndpoint, type Endpoint } from './endpoint.ts'
import type { EngineOptions } from './engine-news.ts'
import { isEngine, launchEngine } from './launch.ts'
import { attend } from './role.ts'

export interface Membership {
  readonly endpoint: Endpoint
  /** The engine was there already. */
  readonly adopted: boolean
}

const patienceMs = 30_000
const retryMs = 200

/**
 * Finds the folder's engine or starts one. Of several starters the one whose engine gets the lock on the data folder
 * wins; the others find it on their next round.
 */
export async function joinEngine(options: EngineOptions, role: string): Promise<Membership> {
  const deadline = performance.now() + patienceMs
  let launched = false
  while (performance.now() < deadline) {
    const endpoint = await findEndpoint(options.folder)
    if (endpoint !== undefined && (await attend(endpoint, role))) return { endpoint, adopted: !launched }
    // A busy engine may miss a call; it is asked again before another process is spent on finding the folder locked.
    const mayAnswerYet = endpoint !== undefined && (await isEngine(endpoint.pid))
    if (!mayAnswerYet) launched = await launch(options)
    if (mayAnswerYet || !launched) await sleep(retryMs)
  }
  throw new Error(
    `The embedded ClickHouse in ${options.folder} does not answer, yet a process holds its data folder. ` +
      `See engine.log there, end that process and start again, or set CLICKHOUSE_URL to a ClickHouse of your own.`,
  )
}

async function launch(options: EngineOptions): Promise<boolean> {
  const news = await launchEngine(options)
  if (news.kind !== 'failed') return news.kind === 'ready'
  throw new Error(
    `The embedded ClickHouse could not be started: ${news.because}. It needs Linux with glibc or macOS, and the ` +
      `optional package chdb (npm ci installs it). Otherwise set CLICKHOUSE_URL to a ClickHouse of your own.`,
  )
}
