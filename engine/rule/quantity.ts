import type { Unit } from '#engine/message/message.ts'

/** A number with its unit as a person reads it: `43.1 %`, `812 ms`, `2.4 s`, `1,204`, `0.4/s`. */
export function formatQuantity(value: number, unit: Unit): string {
  switch (unit) {
    case 'ratio':
      return `${round(value * 100)} %`
    case 'ms':
      return value >= 10_000 ? `${round(value / 1000)} s` : `${round(value)} ms`
    case 'perSecond':
      return `${round(value)}/s`
    case 'count':
    case 'none':
      return round(value)
  }
}

function round(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.01 ? 2 : 4
  return Number(value.toFixed(digits)).toLocaleString('en-US', { maximumFractionDigits: digits })
}
