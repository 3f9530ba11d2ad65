import { type Address, readAddress } from './address.ts'

/** Which addresses this house may connect to on its own account. */
export interface EgressRules {
  /** Of an address as it was written, resolved or really connected to; what is no address at all is refused. */
  refuses(address: string): boolean
  /** Somebody named it in EGRESS_ALLOW. */
  allows(address: string): boolean
  /** For what leads to this host, as it was written, and port: somebody may have named just that. */
  at(host: string, port: number): EgressRules
}

/** Networks that an address on the internet is never in (IANA's special-purpose registries). */
const internalNetworks = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]

/** Public by their number, and yet part of somebody's inside: Azure's platform. */
const deniedAddresses = ['168.63.129.16']

/**
 * `allowed`: addresses and networks such as `10.1.2.3` or `10.0.0.0/8`, and places such as `vault.internal:8200`, wherever their
 * names lead; throws an Error that names what is none of them.
 */
export function egressRules(allowed: readonly string[]): EgressRules {
  const inside = [...internalNetworks, ...deniedAddresses].map(networkOf)
  const places = new Set(allowed.flatMap((text) => placeOf(text) ?? []))
  const open = allowed.filter((text) => placeOf(text) === undefined).map(networkOf)
  const allows = (text: string) => {
    const address = readAddress(text)
    return address !== undefined && open.some((network) => holds(network, address))
  }
  const rules: EgressRules = {
    allows,
    at: (host, port) => (places.has(place(host, port)) ? anywhere : rules),
    refuses: (text) => {
      const address = readAddress(text)
      return !address || (inside.some((network) => holds(network, address)) && !allows(text))
    },
  }
  return rules
}

const anywhere: EgressRules = {
  allows: (text) => readAddress(text) !== undefined,
  refuses: (text) => readAddress(text) === undefined,
  at: () => anywhere,
}

function place(host: string, port: number): string {
  return `${host.replace(/^\[|\]$/g, '').toLowerCase()} ${port}`
}

function placeOf(text: string): string | undefined {
  const [, host = '', port] = /^([a-z0-9._-]+|\[[0-9a-f:.]+\]):(\d{1,5})$/i.exec(text) ?? []
  return port === undefined || Number(port) > 65_535 ? undefined : place(host, Number(port))
}

/** Of a URL, whose usual port is not written. */
export function portOf({ protocol, port }: { readonly protocol: string; readonly port: string }): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

/** Why nothing can be allowed by this, or undefined. */
export function networkProblem(text: string): string | undefined {
  if (placeOf(text) !== undefined) return undefined
  const [written = '', prefix] = text.split('/')
  const address = /[[\]%]/.test(written) ? undefined : readAddress(written)
  if (!address)
    return `${JSON.stringify(text)} is neither an address nor a network such as 10.0.0.0/8, nor a place such as vault.internal:8200`
  const longest = written.includes(':') ? 128 : 32
  if (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || Number(prefix) > longest))
    return `${JSON.stringify(text)} needs a length between 0 and ${longest} behind the slash`
  return undefined
}

/** The host of a URL, as far as one can tell without asking anybody: an address, or a name that always means this machine. */
export function refusesHost(rules: EgressRules, hostname: string): boolean {
  if (/^(.+\.)?localhost\.?$/i.test(hostname)) return !rules.allows('127.0.0.1') && !rules.allows('::1')
  return readAddress(hostname) !== undefined && rules.refuses(hostname)
}

/** One sentence for whatever is refused, so that nobody learns from it what there is inside. */
export function refusalText(host: string): string {
  return `${host.replace(/^\[|\]$/g, '')} is inside the house's own network. If that is wanted, name its address in EGRESS_ALLOW.`
}

interface Network extends Address {
  /** How many bits at the end are anything. */
  readonly free: bigint
}

function networkOf(text: string): Network {
  const problem = networkProblem(text)
  const [written = '', prefix] = text.split('/')
  const address = readAddress(written)
  if (problem !== undefined || !address) throw new Error(problem)
  const length = prefix === undefined ? (written.includes(':') ? 128 : 32) : Number(prefix)
  const longest = written.includes(':') ? 128 : 32
  return { ...address, free: BigInt(longest - length) }
}

function holds({ family, bits, free }: Network, address: Address): boolean {
  return family === address.family && bits >> free === address.bits >> free
}
