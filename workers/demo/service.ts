import type { Some } from './dice.ts'
import type { Level } from './rows.ts'

export interface Service {
  readonly name: string
  readonly agents: Some<string>
  readonly routes: readonly Route[]
  /** What it logs when nobody asked it for anything. */
  readonly murmurs: Some<Murmur>
}

export interface Route {
  readonly name: string
  readonly medianMs: number
  readonly p99Ms: number
  readonly logger: string
  /** Log lines of a success; `{order}` and the like are filled in from the walk. */
  readonly says: Some<string>
  /** How often it fails on a healthy day, and of what. */
  readonly mishapShare: number
  readonly mishaps: Some<Mishap>
}

/** A customer's problem is a WARN, ours is an ERROR with a stack. */
export interface Mishap {
  readonly error: string
  readonly level: 'WARN' | 'ERROR'
}

export interface Murmur {
  readonly level: Level
  readonly logger: string
  readonly message: string
}
