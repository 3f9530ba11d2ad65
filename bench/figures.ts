import { cpus, loadavg, release, totalmem } from 'node:os'
import { quantile } from './quantile.ts'

export interface Figure {
  readonly what: string
  readonly value: string
  /** What we promise ourselves, and whether this run kept it. */
  readonly aim?: { readonly text: string; readonly met: boolean }
  /** How busy the machine was when it was taken: what everybody else did is in the figure too. */
  readonly load: number
}

export function figure(what: string, value: string, aim?: Figure['aim']): Figure {
  return { what, value, load: loadavg()[0] ?? 0, ...(aim && { aim }) }
}

export function times(what: string, valuesMs: readonly number[], longestMs?: number): Figure {
  const p50 = quantile(valuesMs, 0.5)
  const p99 = quantile(valuesMs, 0.99)
  const value = `p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}, n ${valuesMs.length}`
  if (longestMs === undefined) return figure(what, value)
  return figure(what, value, { text: `p99 < ${longestMs} ms`, met: p99 < longestMs })
}

export function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}

export function toMarkdown(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, aim, load }) => {
    const kept = aim ? `${aim.text}: ${aim.met ? 'met' : 'MISSED'}` : ''
    return `| ${[what, value, kept, load.toFixed(1)].join(' | ')} |`
  })
  return [machine(), '', '| what | measured | aim | load |', '|---|---|---|---|', ...rows].join('\n')
}

export function machine(): string {
  const processors = cpus()
  const memoryGb = Math.round(totalmem() / 1024 ** 3)
  const date = new Date().toISOString().slice(0, 10)
  const model = processors[0]?.model.trim() ?? 'unknown processor'
  return `${date}, ${processors.length} × ${model}, ${memoryGb} GB, Linux ${release()}, Node ${process.versions.node}`
}
