/** An address or a network such as `10.0.0.0/8` or `2001:db8::/32`; a single address is a network of one. */
export interface Network {
  readonly first: bigint
  readonly last: bigint
}

/** Every IPv4 address has its place among the IPv6 addresses, `::ffff:0:0/96`: so both are written as one number. */
const mappedFrom = 0xffff_0000_0000n

/** The address as a number; undefined where it is none. IPv4 and IPv4 written as IPv6 are the same address. */
export function parseAddress(text: string): bigint | undefined {
  const tidy = text.trim().replace(/%[\w.-]+$/, '')
  return parseVersion4(tidy) ?? parseVersion6(tidy.toLowerCase())
}

export function parseNetwork(text: string): Network | undefined {
  const [address = '', prefix, ...rest] = text.trim().split('/')
  const first = parseAddress(address)
  if (first === undefined || rest.length > 0) return undefined
  const widest = address.includes(':') ? 128 : 32
  const length = prefix === undefined ? widest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
  if (!(length <= widest)) return undefined
  const size = 1n << BigInt(widest - length)
  const from = first - (first % size)
  return { first: from, last: from + size - 1n }
}

export function isWithin({ first, last }: Network, address: bigint): boolean {
  return first <= address && address <= last
}

function parseVersion4(text: string): bigint | undefined {
  const parts = text.split('.')
  // A leading zero means octal to some and nothing to others: an address that two people read differently is none.
  const isAddress =
    parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)
  return isAddress ? mappedFrom + parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) : undefined
}

function parseVersion6(text: string): bigint | undefined {
  const halves = withoutDots(text).split('::')
  if (halves.length > 2 || !text.includes(':')) return undefined
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n)
}

/** `::ffff:192.0.2.1` → `::ffff:c000:201`. */
function withoutDots(text: string): string {
  const start = text.lastIndexOf(':') + 1
  const last = parseVersion4(text.slice(start))
  if (last === undefined) return text
  const number = last - mappedFrom
  return `${text.slice(0, start)}${(number >> 16n).toString(16)}:${(number & 0xffffn).toString(16)}`
}
