import { useId } from 'react'
import type { Picture, Tone } from '#engine/message/message.ts'
import { formatQuantity } from '#engine/rule/quantity.ts'
import { shapePicture, type PictureShape } from './picture-shape.ts'
import { clockTime } from './times.ts'

/**
 * The drawing stretches to the room there is; the words beside it are ordinary text in its own size, so that both
 * stay sharp on every screen.
 */
export function PictureView({ picture, tone }: { readonly picture: Picture; readonly tone: Tone }) {
  const shape = shapePicture(picture)
  return (
    <figure className="picture" data-tone={tone === 'neutral' ? 'info' : tone}>
      <div className="picture-plot">
        <Drawing shape={shape} title={describe(picture, shape)} />
        {shape.marks.map(
          ({ x, y, iso }) =>
            y !== undefined && (
              <i key={iso} className="picture-dot" style={{ left: `${x}%`, top: `${y}%` }} />
            ),
        )}
        <span className="picture-scale" style={{ top: `${shape.top.y}%` }} aria-hidden="true">
          {formatQuantity(shape.top.value, picture.unit)}
        </span>
        <span className="picture-scale" style={{ top: '100%' }} aria-hidden="true">
          {formatQuantity(shape.bottom, picture.unit)}
        </span>
        <span className="picture-threshold" style={{ top: `${shape.thresholdY}%` }} aria-hidden="true">
          {picture.breachesAbove ? 'above' : 'below'} {formatQuantity(picture.threshold, picture.unit)}
        </span>
      </div>
      <TimeAxis shape={shape} />
    </figure>
  )
}

function Drawing({ shape, title }: { readonly shape: PictureShape; readonly title: string }) {
  const id = useId()
  const { breach, thresholdY, line, area } = shape
  return (
    <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-labelledby={`${id}title`}>
      <title id={`${id}title`}>{title}</title>
      <clipPath id={`${id}breach`}>
        <rect x="-5" y={breach.y === 0 ? -5 : breach.y} width="110" height={breach.height + 5} />
      </clipPath>
      <rect className="picture-breach" x="0" y={breach.y} width="100" height={breach.height} />
      <path className="picture-area" d={area} />
      <path className="picture-area breached" d={area} clipPath={`url(#${id}breach)`} />
      <path className="picture-limit" d={`M0 ${thresholdY}H100`} />
      {shape.marks.map(({ x, iso }) => (
        <path key={iso} className="picture-mark" d={`M${x} 0V100`} />
      ))}
      <path className="picture-line" d={line} />
      <path className="picture-line breached" d={line} clipPath={`url(#${id}breach)`} />
    </svg>
  )
}

function TimeAxis({ shape }: { readonly shape: PictureShape }) {
  const [mark] = shape.marks
  return (
    <figcaption className="picture-times" aria-hidden="true">
      <span data-crowded={mark && crowdedness(mark.x)}>{clockTime(shape.from)}</span>
      {mark && (
        <span className="picture-fired" style={{ left: `${mark.x}%` }} data-edge={edgeAt(mark.x)}>
          {clockTime(mark.iso)}
        </span>
      )}
      <span data-crowded={mark && crowdedness(100 - mark.x)}>{clockTime(shape.until)}</span>
    </figcaption>
  )
}

/** Whether a label at the end of the axis has room beside one this far away, in per cent. */
function crowdedness(distance: number): 'always' | 'when narrow' | undefined {
  if (distance < 15) return 'always'
  return distance < 32 ? 'when narrow' : undefined
}

function edgeAt(x: number): 'start' | 'end' | undefined {
  if (x < 10) return 'start'
  return x > 90 ? 'end' : undefined
}

/** The picture for someone who cannot see it. */
function describe({ values, unit, threshold, breachesAbove }: Picture, shape: PictureShape): string {
  const measured = values.filter((value) => value !== null)
  const when = `from ${clockTime(shape.from)} to ${clockTime(shape.until)}`
  if (measured.length === 0) return `Nothing was measured ${when}.`
  const [lowest, highest, latest] = [Math.min(...measured), Math.max(...measured), measured.at(-1) ?? 0]
  const words = (value: number) => formatQuantity(value, unit)
  const limit = `Breached ${breachesAbove ? 'above' : 'below'} ${words(threshold)}`
  const marks = shape.marks.map(({ iso }) => `marked at ${clockTime(iso)}`).join(', ')
  const range = `between ${words(lowest)} and ${words(highest)}, last ${words(latest)}`
  return `The metric ${when}: ${range}. ${limit}${marks ? `; ${marks}` : ''}.`
}
