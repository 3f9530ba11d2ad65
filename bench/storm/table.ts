import { machine } from '../figures.ts'
import { quantile } from '../quantile.ts'
import { aims } from './aims.ts'
import { type CaseName, cases } from './cases.ts'
import { type Measure, type MeasureName, measureNames, measures } from './measures.ts'
import { faultsOf, type Run } from './run-case.ts'

export interface Played {
  readonly name: CaseName
  /** In the order of the table's columns. */
  readonly runs: readonly (readonly Run[])[]
}

/** Columns for the sides, and behind two of them, Alertmanager and Tocsin, how many times better the second is. */
export function toTable(sides: readonly string[], played: readonly Played[]): string {
  const compares = sides.length === 2
  const heads = ['case', 'what', ...sides, ...(compares ? ['times better', 'aim'] : []), 'load']
  const rows = played.flatMap((one) => [titleRow(one, heads.length), ...rowsOf(one, compares)])
  return [machine(), '', line(heads), line(heads.map(() => '---')), ...rows].join('\n')
}

function titleRow({ name, runs }: Played, columns: number): string {
  const times = runs[0]?.length ?? 0
  const title = `${cases[name].about}${times > 1 ? `; medians of ${times} (least to most)` : ''}`
  return line([`**${name}**`, title, ...Array.from({ length: columns - 2 }, () => '')])
}

function rowsOf({ name, runs }: Played, compares: boolean): string[] {
  const load = runs.map((some) => middle(some.map((run) => run.load)).toFixed(1)).join(' / ')
  const measured = measureNames.flatMap((measureName) => {
    const measure: Measure = measures[measureName]
    const values = runs.map((some) => some.flatMap((run) => measure.of(run) ?? []))
    if (values.every((some) => some.length === 0)) return []
    const verdict = compares ? judge(name, measureName, values.map(middleOrNone)) : []
    return [line(['', measure.what, ...values.map((some) => cell(some, measure.unit)), ...verdict, load])]
  })
  const faults = runs.map((some) => some.flatMap(faultsOf).join('; ') || 'none')
  const verdict = compares ? ['', `none: ${faults[1] === 'none' ? 'met' : 'MISSED'}`] : []
  return [...measured, line(['', 'lost, refused or told twice', ...faults, ...verdict, load])]
}

function judge(
  name: CaseName,
  measureName: MeasureName,
  [theirs, ours]: readonly (number | undefined)[],
): readonly string[] {
  const { better }: Measure = measures[measureName]
  const aim = aims[name]?.[measureName]
  if (theirs === undefined || ours === undefined) return ['', aim ? `${aim.text}: MISSED` : '']
  const times = better === 'more' ? ours / theirs : theirs / ours
  const verdict = aim ? `${aim.text}: ${aim.isMet(ours, times) ? 'met' : 'MISSED'}` : ''
  return [better ? `${times.toFixed(2)} ×` : '', verdict]
}

function cell(values: readonly number[], unit: Measure['unit']): string {
  if (values.length === 0) return '–'
  const text = `${written(middle(values))}${unit === 'a second' ? '/s' : ` ${unit}`}`.trim()
  if (values.length === 1) return text
  return `${text} (${written(Math.min(...values))} to ${written(Math.max(...values))})`
}

function written(value: number): string {
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en')
}

function middle(values: readonly number[]): number {
  return quantile(values, 0.5)
}

function middleOrNone(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : middle(values)
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
