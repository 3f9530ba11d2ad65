const millisecondsPer = {
  y: 31_536_000_000,
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
} as const

const shape = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/

/** A length of time as Prometheus writes it: `30s`, `1h30m`, `500ms`, `0`; largest unit first. Milliseconds. */
export function readSpan(text: string): number | undefined {
  if (text === '0') return 0
  const read = text === '' ? null : shape.exec(text)
  if (!read) return undefined
  const amounts = Object.values(millisecondsPer).map(
    (milliseconds, index) => Number(read[index + 1] ?? 0) * milliseconds,
  )
  const total = amounts.reduce((sum, amount) => sum + amount, 0)
  return Number.isSafeInteger(total) ? total : undefined
}
