/** An address of either family as a number; IPv4 written as IPv6 (`::ffff:1.2.3.4`) is IPv4. */
export interface Address {
  readonly family: 4 | 6
  readonly bits: bigint
}

/** Reads an address as resolvers, sockets and URLs write it: dotted, or in groups, in brackets or with a zone. Undefined: it is a name. */
export function readAddress(text: string): Address | undefined {
  const bare = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const dotted = readDotted(bare)
  if (dotted !== undefined) return { family: 4, bits: dotted }
  const bits = readGroups(bare)
  if (bits === undefined) return undefined
  return bits >> 32n === 0xffffn ? { family: 4, bits: bits & 0xffff_ffffn } : { family: 6, bits }
}

function readDotted(text: string): bigint | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined
  const bytes = text.split('.').map(Number)
  if (bytes.some((byte) => byte > 255)) return undefined
  return bytes.reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n)
}

function readGroups(text: string): bigint | undefined {
  if (!text.includes(':')) return undefined
  const [head = '', tail, ...more] = groupsOf(text).split('::')
  if (more.length > 0) return undefined
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = 8 - left.length - right.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n)
}

/** Its last four bytes may be written dotted. */
function groupsOf(text: string): string {
  const last = text.slice(text.lastIndexOf(':') + 1)
  const dotted = readDotted(last)
  if (dotted === undefined) return text
  return `${text.slice(0, -last.length)}${(dotted >> 16n).toString(16)}:${(dotted & 0xffffn).toString(16)}`
}
