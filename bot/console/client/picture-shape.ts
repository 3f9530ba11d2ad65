import type { Picture } from '#engine/message/message.ts'

/** A picture laid out in a box of 100 × 100, y downwards; the page stretches the box to the room it has. */
export interface PictureShape {
  readonly line: string
  readonly area: string
  readonly thresholdY: number
  /** The part of the box where the threshold is breached. */
  readonly breach: { readonly y: number; readonly height: number }
  readonly marks: readonly { readonly x: number; readonly y: number | undefined; readonly iso: string }[]
  /** The highest and lowest of what is drawn, and how far down they are. */
  readonly top: { readonly value: number; readonly y: number }
  readonly bottom: number
  readonly from: string
  readonly until: string
}

/** Room above the highest value, so that neither line nor label touches the edge. */
const headroom = 1.12

export function shapePicture(picture: Picture): PictureShape {
  const { from, stepSeconds, values, threshold } = picture
  const measured = values.filter((value) => value !== null)
  const bottom = Math.min(0, threshold, ...measured)
  const highest = Math.max(threshold, ...measured)
  const top = highest > bottom ? bottom + (highest - bottom) * headroom : bottom + 1
  const y = (value: number) => clean(100 - ((value - bottom) / (top - bottom)) * 100)
  const x = (at: number) => clean(values.length > 1 ? (at / (values.length - 1)) * 100 : 50)
  const runs = runsOf(values).map((run) => run.map(({ at, value }) => ({ x: x(at), y: y(value) })))
  const thresholdY = y(threshold)
  const startMs = Date.parse(from)
  const spanMs = Math.max(0, values.length - 1) * stepSeconds * 1000
  return {
    line: runs.map(linePath).join(''),
    area: runs.map((run) => areaPath(run, y(Math.max(bottom, 0)))).join(''),
    thresholdY,
    breach: picture.breachesAbove
      ? { y: 0, height: thresholdY }
      : { y: thresholdY, height: clean(100 - thresholdY) },
    marks: picture.marks.flatMap((iso) => {
      const at = (Date.parse(iso) - startMs) / (stepSeconds * 1000)
      const nearest = values[Math.round(at)]
      const isInside = at >= -0.5 && at <= values.length - 0.5
      const inBox = Math.min(Math.max(at, 0), Math.max(0, values.length - 1))
      return isInside ? [{ x: x(inBox), y: typeof nearest === 'number' ? y(nearest) : undefined, iso }] : []
    }),
    top: { value: highest, y: y(highest) },
    bottom,
    from: new Date(startMs).toISOString(),
    until: new Date(startMs + spanMs).toISOString(),
  }
}

interface Point {
  readonly x: number
  readonly y: number
}

/** Stretches without a gap: a line through nothing would claim a measurement nobody made. */
function runsOf(values: readonly (number | null)[]): { at: number; value: number }[][] {
  const runs: { at: number; value: number }[][] = []
  let isOpen = false
  for (const [at, value] of values.entries()) {
    if (value === null) isOpen = false
    else if (isOpen) runs.at(-1)?.push({ at, value })
    else {
      runs.push([{ at, value }])
      isOpen = true
    }
  }
  return runs
}

function linePath(run: readonly Point[]): string {
  const [first, ...rest] = run
  if (!first) return ''
  // A lone value is a line of no length, which round caps show as a dot.
  return `M${first.x} ${first.y}${rest.length > 0 ? rest.map(({ x, y }) => `L${x} ${y}`).join('') : 'h0'}`
}

function areaPath(run: readonly Point[], ground: number): string {
  const first = run[0]
  const last = run.at(-1)
  if (!first || !last || first === last) return ''
  return `M${first.x} ${ground}${run.map(({ x, y }) => `L${x} ${y}`).join('')}L${last.x} ${ground}Z`
}

function clean(value: number): number {
  return Math.round(value * 100) / 100
}
