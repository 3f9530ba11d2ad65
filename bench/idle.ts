import { setTimeout as pause } from 'node:timers/promises'
import { type Figure, figure } from './figures.ts'
import { type ProcessUsage, usageOf } from './processes.ts'
import type { Product } from './product.ts'

const settleMs = 60_000
const watchMs = 60_000
const mostCpuPercent = 3

/** A house with nothing to do: no demo, no rules, nobody looking. */
export async function measureIdle(
  { pid, dataFolder }: Product,
  what: string,
  mostMb: number,
): Promise<Figure[]> {
  await pause(settleMs)
  const before = new Map(usageOf(pid, dataFolder).map((one) => [one.pid, one]))
  const started = performance.now()
  await pause(watchMs)
  const elapsedMs = performance.now() - started
  const after = usageOf(pid, dataFolder).map((one) => ({
    ...one,
    cpuPercent: ((one.cpuMs - (before.get(one.pid)?.cpuMs ?? 0)) / elapsedMs) * 100,
  }))
  const programs = Map.groupBy(after, (one) => one.name)
  return [
    total(after, what, mostMb),
    ...Array.from(programs, ([name, processes]) => line(`… ${name}`, processes)),
  ].flat()
}

interface Idler extends ProcessUsage {
  readonly cpuPercent: number
}

function total(processes: readonly Idler[], what: string, mostMb: number): Figure[] {
  const privateMb = sum(processes, (one) => one.privateKb) / 1024
  const cpuPercent = sum(processes, (one) => one.cpuPercent)
  return [
    figure(`idle memory, ${what}`, memory(processes), {
      text: `private < ${mostMb} MB`,
      met: privateMb < mostMb,
    }),
    figure(`idle CPU, ${what}`, percent(cpuPercent), {
      text: `< ${mostCpuPercent} % of a core`,
      met: cpuPercent < mostCpuPercent,
    }),
  ]
}

function line(name: string, processes: readonly Idler[]): Figure {
  const many = processes.length > 1 ? ` (${processes.length} processes)` : ''
  return figure(`${name}${many}`, `${memory(processes)}, ${percent(sum(processes, (one) => one.cpuPercent))}`)
}

function memory(processes: readonly Idler[]): string {
  const megabytes = (of: (one: Idler) => number) => Math.round(sum(processes, of) / 1024)
  return `${megabytes((one) => one.privateKb)} MB private, ${megabytes((one) => one.proportionalKb)} MB Pss`
}

function percent(value: number): string {
  return `${value.toFixed(2)} % of a core`
}

function sum<Value>(values: readonly Value[], of: (value: Value) => number): number {
  return values.reduce((total, value) => total + of(value), 0)
}
