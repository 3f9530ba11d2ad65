import { formatQuantity } from '#engine/rule/quantity.ts'
import type { Picture } from './message.ts'

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const
const gap = '·'
/** Narrow enough for one line on a phone. */
const widest = 32

/**
 * A picture as one line of plain text, for platforms that would need a public image host to show a drawn one:
 * `▁▁▂▆█▇ now 7.2 %, lowest 0.1 %, highest 9 %, threshold 5 %`.
 */
export function sparkline(picture: Picture): string {
  const values = picture.values.map((value) => (value !== null && Number.isFinite(value) ? value : null))
  const measured = values.filter((value) => value !== null)
  const threshold = `threshold ${formatQuantity(picture.threshold, picture.unit)}`
  const now = measured.at(-1)
  if (now === undefined) return `no data, ${threshold}`
  const quantity = (value: number) => formatQuantity(value, picture.unit)
  const lowest = measured.reduce((least, value) => Math.min(least, value))
  const highest = measured.reduce((most, value) => Math.max(most, value))
  const words = `now ${quantity(now)}, lowest ${quantity(lowest)}, highest ${quantity(highest)}, ${threshold}`
  return `${draw(squeeze(values, picture.breachesAbove), lowest, highest)} ${words}`
}

function draw(values: readonly (number | null)[], lowest: number, highest: number): string {
  const range = highest - lowest
  const bar = (value: number) =>
    bars[range > 0 ? Math.round(((value - lowest) / range) * (bars.length - 1)) : 3]
  return values.map((value) => (value === null ? gap : bar(value))).join('')
}

/** Of every stretch the value nearest to breaching stays: a spike must survive, an average would hide it. */
function squeeze(values: readonly (number | null)[], breachesAbove: boolean): (number | null)[] {
  const stretch = Math.ceil(values.length / widest)
  const worse = breachesAbove ? Math.max : Math.min
  return Array.from({ length: Math.ceil(values.length / stretch) }, (_, at) =>
    values
      .slice(at * stretch, (at + 1) * stretch)
      .reduce(
        (worst, value) => (worst === null ? value : value === null ? worst : worse(worst, value)),
        null,
      ),
  )
}
