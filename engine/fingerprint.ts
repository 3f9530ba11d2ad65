import { compareText, type Labels } from './labels.ts'

const encoder = new TextEncoder()
const separator = 0xff

/** FNV-1a 64: the prime is 2^40 + 435, the state two unsigned 32-bit halves, since BigInt is too slow for a storm. */
interface Hash {
  high: number
  low: number
}

/**
 * Who a label set is, as Alertmanager prints it: 16 hex digits over the labels sorted by name, each name and each value
 * closed by 0xFF, a byte that UTF-8 never holds.
 */
export function fingerprint(labels: Labels): string {
  const hash: Hash = { high: 0xcbf29ce4, low: 0x84222325 }
  for (const name of Object.keys(labels).sort(compareText)) {
    feed(hash, name)
    feed(hash, labels[name] ?? '')
  }
  return hex(hash.high) + hex(hash.low)
}

function feed(hash: Hash, text: string): void {
  if (isAscii(text)) for (let index = 0; index < text.length; index += 1) step(hash, text.charCodeAt(index))
  else for (const byte of encoder.encode(text)) step(hash, byte)
  step(hash, separator)
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return false
  return true
}

/** No product here passes 2^53, so doubles hold them exactly. */
function step(hash: Hash, byte: number): void {
  const low = (hash.low ^ byte) >>> 0
  const product = low * 435
  hash.low = product >>> 0
  hash.high = (hash.high * 435 + Math.floor(product / 0x1_0000_0000) + ((low << 8) >>> 0)) >>> 0
}

function hex(half: number): string {
  return half.toString(16).padStart(8, '0')
}
