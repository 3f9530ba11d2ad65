/** One line of a plot: points by x, ascending. */
export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Plot {
  readonly title: string
  readonly x: string
  readonly y: string
  readonly series: readonly Series[]
  /** Where and when it was measured. */
  readonly note: string
}

const size = { width: 720, height: 420, left: 70, right: 190, top: 50, bottom: 70 }
const inks = ['#0b6bcb', '#c4450c', '#2b8a3e']

/** Both axes by powers of ten: a straight line with a slope of one is cost that grows with what is drawn; a level one is cost that does not. */
export function drawPlot({ title, x, y, series, note }: Plot): string {
  const all = series.flatMap(({ points }) => points)
  const across = axis(
    all.map(([one]) => one),
    [size.left, size.width - size.right],
  )
  const up = axis(
    all.map(([, one]) => one),
    [size.height - size.bottom, size.top],
  )
  const { left, right, top, bottom, width, height } = size
  const grid = [
    ...across.powers.map((power) => {
      const at = across.place(power)
      return `<path d="M${at} ${top}V${height - bottom}"/>${text(at, height - bottom + 18, words(power), 'middle')}`
    }),
    ...up.powers.map((power) => {
      const at = up.place(power)
      return `<path d="M${left} ${at}H${width - right}"/>${text(left - 8, at + 4, words(power), 'end')}`
    }),
  ]
  const lines = series.map(({ name, points }, index) => {
    const places = points.map(([one, other]) => [across.place(one), up.place(other)] as const)
    const dots = places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3.5"/>`)
    const [endX, endY] = places.at(-1) ?? [0, 0]
    return (
      `<g fill="${inks[index]}" stroke="none"><path fill="none" stroke="${inks[index]}" stroke-width="2" d="M${places.map((place) => place.join(' ')).join('L')}"/>` +
      `${dots.join('')}${text(endX + 10, endY + 4, name, 'start')}</g>`
    )
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="#fff"/>
<g fill="#111">${text(left, 26, title, 'start', 15)}${text(left, height - 12, note, 'start', 10)}</g>
<g stroke="#ddd" fill="#555">${grid.join('\n')}</g>
<g fill="#333">${text((left + width - right) / 2, height - bottom + 38, x, 'middle')}${text(left, top - 8, y, 'middle')}</g>
${lines.join('\n')}
</svg>
`
}

interface Axis {
  readonly powers: readonly number[]
  place(value: number): number
}

/** From the power of ten below the least value to that above the greatest. */
function axis(values: readonly number[], [from, to]: readonly [number, number]): Axis {
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))
  return {
    powers: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
    place: (value) => Math.round(from + ((Math.log10(value) - low) / (high - low)) * (to - from)),
  }
}

function words(power: number): string {
  return power >= 1 ? power.toLocaleString('en-US') : String(power)
}

function text(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end', size = 12): string {
  const safe = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" stroke="none">${safe}</text>`
}
