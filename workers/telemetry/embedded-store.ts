import { randomUUID } from 'node:crypto'
import { chmod, mkdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { endpointUrl } from './embedded/endpoint.ts'
import { joinEngine, type Membership } from './embedded/join.ts'
import { isEngine } from './embedded/launch.ts'
import { attend, leave } from './embedded/role.ts'

export interface EmbeddedClickHouse {
  /** Speaks ClickHouse's HTTP protocol on loopback. Contains the password: never log it. */
  readonly url: string
  /** An engine started by another role, or by an earlier life of this one, was found and is used. */
  readonly adopted: boolean
  /** Ends the engine unless another role still uses it. Idempotent. */
  stop(): Promise<void>
}

interface EmbeddedOptions {
  /** Holds data, log, and where the engine answers; readable by this user alone. */
  readonly folder: string
  readonly report?: (line: string) => void
  /** How long the engine outlives the last sign of life of any role. */
  readonly spanMs?: number
}

const longestPulseMs = 2_000
const longestPauseMs = 10_000
const stopPatienceMs = 15_000

/** One engine serves every role of a folder; whichever role misses it first starts it again, at the same address. */
export async function startEmbeddedClickHouse(options: EmbeddedOptions): Promise<EmbeddedClickHouse> {
  const { folder, report = () => undefined, spanMs = 30_000 } = options
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  const role = randomUUID()
  const membership = await joinEngine({ folder, spanMs }, role)
  const stopping = new AbortController()
  const pulse = keepAlive({ role, folder, spanMs, report, membership, signal: stopping.signal })
  let stopped: Promise<void> | undefined
  return {
    url: endpointUrl(membership.endpoint),
    adopted: membership.adopted,
    stop() {
      stopping.abort()
      stopped ??= pulse.then((last) => part(last, role))
      return stopped
    },
  }
}

interface Pulse {
  readonly role: string
  readonly folder: string
  readonly spanMs: number
  readonly report: (line: string) => void
  readonly membership: Membership
  readonly signal: AbortSignal
}

/** Calls in until told to stop, bringing the engine back whenever it is gone; returns where it was last. */
async function keepAlive(pulse: Pulse): Promise<Membership> {
  let { membership } = pulse
  const pulseMs = Math.min(longestPulseMs, pulse.spanMs / 6)
  while (!pulse.signal.aborted) {
    await pause(pulseMs, pulse.signal)
    if (pulse.signal.aborted || (await attend(membership.endpoint, pulse.role))) continue
    membership = (await revive(pulse, membership)) ?? membership
  }
  return membership
}

async function revive(pulse: Pulse, before: Membership): Promise<Membership | undefined> {
  for (let pauseMs = 250; !pulse.signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      const after = await joinEngine({ folder: pulse.folder, spanMs: pulse.spanMs }, pulse.role)
      if (!after.adopted)
        pulse.report('The embedded ClickHouse had ended unexpectedly and was started again.')
      if (endpointUrl(after.endpoint) !== endpointUrl(before.endpoint)) {
        pulse.report('The embedded ClickHouse had to move to another port: restart Tocsin to reach it.')
      }
      return after
    } catch (error) {
      pulse.report(error instanceof Error ? error.message : String(error))
      await pause(pauseMs, pulse.signal)
    }
  }
  return undefined
}

async function part({ endpoint }: Membership, role: string): Promise<void> {
  if (!(await leave(endpoint, role))) return
  const deadline = performance.now() + stopPatienceMs
  while (performance.now() < deadline && (await isEngine(endpoint.pid))) await sleep(20)
}

/** Unreferenced: a role that has nothing else to do may end without taking leave. */
async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await sleep(durationMs, undefined, { signal, ref: false }).catch(() => undefined)
}
