import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { Agent, buildConnector } from 'undici'
import { type EgressRules, egressRules, portOf } from '#engine/egress/egress-rules.ts'
import {
  guardedLookup,
  guardedSocket,
  refusedHost,
  refusedPeer,
  type Resolve,
  systemResolve,
} from './guarded-connect.ts'
import { wrongCertificate } from './secure-socket.ts'
import { type Trust, trustKey, trustOptions } from './trust.ts'

/** Where this house may connect to on its own account. */
export interface Egress {
  /** A connection pool that refuses what is not allowed when it connects, on the address it really connects to. */
  readonly agent: Agent
  /** The same, believing whom a connection believes. */
  agentFor(trust: Trust): Agent
  /** How the newest connection to this origin was secured. */
  tlsAt(trust: Trust, origin: string): TlsSeen | undefined
  /** A bare socket through the same guard, for what is not HTTP. */
  socketTo(host: string, port: number, timeoutMs: number): Promise<Socket>
  /** Breaks off what is under way. */
  close(): Promise<void>
}

export type SocketTo = (host: string, port: number, timeoutMs?: number) => Promise<Socket>

export interface TlsSeen {
  /** Such as TLSv1.3. */
  readonly protocol: string
  readonly issuer: string
  readonly validUntil: string
  /** Whether the system, or the authorities that were named, vouch for it. */
  readonly isTrusted: boolean
}

/** Callers are more impatient than that, each in its own way. */
const longestAnswerMs = 60_000
/** Whoever changes connections all day long must not fill the memory with pools. */
const mostAgents = 200

const systemTrust: Trust = { mode: 'SYSTEM_DEFAULT' }

export function openEgress(
  allowed: readonly string[],
  connections: number,
  resolve: Resolve = systemResolve,
): Egress {
  const rules = egressRules(allowed)
  const agents = new Map<string, Guarded>()
  const sockets = new Set<Socket>()
  const guardedBy = (trust: Trust): Guarded => {
    const key = trustKey(trust)
    const known = agents.get(key)
    if (known) return known
    const made = guardedAgent({ rules, resolve }, trust, connections)
    agents.set(key, made)
    const [oldest] = agents
    if (agents.size > mostAgents && oldest) {
      agents.delete(oldest[0])
      // What is under way there comes to its end.
      void oldest[1].agent.close()
    }
    return made
  }
  return {
    agent: guardedBy(systemTrust).agent,
    agentFor: (trust) => guardedBy(trust).agent,
    tlsAt: (trust, origin) => guardedBy(trust).seen.get(origin),
    socketTo: async (host, port, timeoutMs) => {
      const socket = await guardedSocket({ rules, resolve }, { host, port, timeoutMs })
      sockets.add(socket)
      return socket.once('close', () => sockets.delete(socket))
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await Promise.all([...agents.values()].map(({ agent }) => agent.destroy()))
    },
  }
}

interface Guarded {
  readonly agent: Agent
  readonly seen: Map<string, TlsSeen>
}

function guardedAgent(
  house: { readonly rules: EgressRules; readonly resolve: Resolve },
  trust: Trust,
  connections: number,
): Guarded {
  const seen = new Map<string, TlsSeen>()
  // A session that is taken up again shows no certificate.
  const options = { ...trustOptions(trust), timeout: 10_000, maxCachedSessions: 0 }
  const agent = new Agent({
    connections,
    headersTimeout: longestAnswerMs,
    bodyTimeout: longestAnswerMs,
    connect: (wanted, callback) => {
      const { hostname, protocol, port } = wanted
      const rules = house.rules.at(hostname, portOf({ protocol, port }))
      const connect = buildConnector({ ...options, lookup: guardedLookup(rules, house.resolve) })
      const refused = refusedHost(rules, hostname)
      if (refused) return callback(refused, null)
      connect(wanted, (...[error, socket]) => {
        if (error) return callback(error, null)
        const complaint = refusedPeer(rules, socket, hostname) ?? wrongCertificate(trust, socket)
        if (complaint) {
          socket.destroy()
          return callback(complaint, null)
        }
        if (socket instanceof TLSSocket) {
          endWithItsAlert(socket)
          const { origin } = new URL(`${protocol}//${hostname}${port === '' ? '' : `:${port}`}`)
          if (seen.size < 1000) seen.set(origin, tlsSeen(socket))
        }
        callback(null, socket)
      })
    },
  })
  return { agent, seen }
}

/** By TLS 1.3 our certificate is refused after the handshake, and undici would only tell of the end that follows. */
function endWithItsAlert(socket: TLSSocket): void {
  socket.once('error', (alert) => socket.destroy(alert))
}

function tlsSeen(socket: TLSSocket): TlsSeen {
  const certificate = socket.getPeerX509Certificate()
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    issuer: certificate?.issuer.split('\n').join(', ').slice(0, 200) ?? '',
    validUntil: certificate ? new Date(certificate.validTo).toISOString() : '',
    isTrusted: socket.authorized,
  }
}
