import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { Agent, buildConnector } from 'undici'

/** Where this house may connect to on its own account. */
export interface Egress {
  /** A connection pool that refuses what is not allowed when it connects, on the address it really connects to. */
  readonly agent: Agent
  /** Breaks off what is under way. */
  close(): Promise<void>
}

/** The address is inside the house's own network, and nobody allowed it. */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused'
}

/** Networks that an address on the internet is never in (IANA's special-purpose registries). */
const internal: readonly (readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['224.0.0.0', 4, 'ipv4'],
  ['240.0.0.0', 4, 'ipv4'],
  ['::', 96, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['100::', 64, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
]

/** Callers are more impatient than that, each in its own way. */
const longestAnswerMs = 60_000

/** `allowed`: addresses and networks such as `10.1.2.3` or `10.0.0.0/8`; throws an Error that names what is neither. */
export function openEgress(allowed: readonly string[], connections: number): Egress {
  const refuses = refusal(allowed)
  const connect = buildConnector({ lookup: guardedLookup(refuses), timeout: 10_000 })
  const agent = new Agent({
    connections,
    headersTimeout: longestAnswerMs,
    bodyTimeout: longestAnswerMs,
    // A literal address is never looked up.
    connect: (options, callback) => {
      const host = options.hostname.replace(/^\[|\]$/g, '')
      if (isIP(host) !== 0 && refuses(host)) callback(refused(host), null)
      else connect(options, callback)
    },
  })
  return { agent, close: () => agent.destroy() }
}

export function networkProblem(text: string): string | undefined {
  const [address = '', prefix] = text.split('/')
  const family = isIP(address)
  if (family === 0) return `${JSON.stringify(text)} is neither an address nor a network such as 10.0.0.0/8`
  const longest = family === 4 ? 32 : 128
  if (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || Number(prefix) > longest))
    return `${JSON.stringify(text)} needs a length between 0 and ${longest} behind the slash`
  return undefined
}

function refusal(allowed: readonly string[]): (address: string) => boolean {
  const inside = new BlockList()
  for (const network of internal) inside.addSubnet(...network)
  const open = new BlockList()
  for (const text of allowed) {
    const problem = networkProblem(text)
    if (problem !== undefined) throw new Error(problem)
    const [address = '', prefix] = text.split('/')
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
    open.addSubnet(address, Number(prefix ?? (family === 'ipv4' ? 32 : 128)), family)
  }
  return (address) => {
    const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
    const family = isIP(plain) === 4 ? 'ipv4' : 'ipv6'
    return inside.check(plain, family) && !open.check(plain, family)
  }
}

function guardedLookup(refuses: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '')
      const open = addresses.filter(({ address }) => !refuses(address))
      const [first] = open
      if (!first) return callback(refused(hostname), '')
      if (options.all) callback(null, open)
      else callback(null, first.address, first.family)
    })
  }
}

function refused(host: string): EgressRefused {
  return new EgressRefused(
    `${host} is inside the house's own network. If that is wanted, name its address in EGRESS_ALLOW.`,
  )
}
