import { setTimeout as pause } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { usageOf } from '../processes.ts'
import type { Usage, Watched } from './watch.ts'

const everyMs = 500

const { pid, folder } = workerData as Watched
let isOver = false
parentPort?.once('message', () => (isOver = true))

let [cpuAtFirstMs, proportionalPeakKb] = [0, 0]
for (let looks = 0; ; looks++) {
  // Read before looking, so that what was still going on at the end is looked at once more.
  const isLast = isOver
  const processes = usageOf(pid, folder)
  const sum = (of: (one: (typeof processes)[number]) => number) =>
    processes.reduce((total, one) => total + of(one), 0)
  const cpuMs = sum((one) => one.cpuMs)
  if (looks === 0) cpuAtFirstMs = cpuMs
  proportionalPeakKb = Math.max(
    proportionalPeakKb,
    sum((one) => one.proportionalKb),
  )
  const residentPeakKb = sum((one) => one.peakResidentKb)
  const usage: Usage = { cpuMs: cpuMs - cpuAtFirstMs, proportionalPeakKb, residentPeakKb }
  parentPort?.postMessage(usage, [])
  if (isLast) break
  await pause(everyMs)
}
