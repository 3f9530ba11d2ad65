import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessUsage {
  readonly pid: number
  readonly name: string
  /** Pages nobody shares: what ending the process would give back. */
  readonly privateKb: number
  /** Private pages and a fair share of the shared ones; summed over a tree nothing is counted twice. */
  readonly proportionalKb: number
  /** The most it ever had in memory, shared pages included: summed over a tree they are counted again and again. */
  readonly peakResidentKb: number
  /** Processor time since it began, its ended children included. */
  readonly cpuMs: number
}

/**
 * Everything that belongs to the Tocsin of a data folder: whoever names the folder on their command line (its servers
 * outlive it, so they are not its children for ever), the process itself, and all their children.
 */
export function usageOf(pid: number, dataFolder: string): ProcessUsage[] {
  const known = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap(readProcess)
  const family = new Set(
    known.filter((one) => one.pid === pid || one.command.includes(dataFolder)).map((one) => one.pid),
  )
  for (let before = 0; before < family.size;) {
    before = family.size
    for (const one of known) if (family.has(one.parent)) family.add(one.pid)
  }
  return known
    .filter((one) => family.has(one.pid))
    .flatMap((one) => memoryOf(one.pid).map((memory) => ({ ...one, ...memory, name: nameOf(one, pid) })))
}

interface Known {
  readonly pid: number
  readonly parent: number
  readonly command: string
  readonly cpuMs: number
}

/** Linux counts processor time in hundredths of a second for everyone who reads /proc, whatever its own clock. */
const tickMs = 10

/** None when it ended while we looked. */
function readProcess(entry: string): Known[] {
  try {
    const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    // The name in parentheses may hold spaces; what is behind it does not. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    const fields = readFileSync(`/proc/${entry}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number)
    const ticks = fields.slice(11, 15).reduce((sum, part) => sum + part, 0)
    return [{ pid: Number(entry), parent: fields[1] ?? 0, command, cpuMs: ticks * tickMs }]
  } catch {
    return []
  }
}

type Memory = Pick<ProcessUsage, 'privateKb' | 'proportionalKb' | 'peakResidentKb'>

/** None when it ended while we looked. */
function memoryOf(pid: number): Memory[] {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return [
      {
        privateKb: kilobytes(rollup, 'Private_Clean') + kilobytes(rollup, 'Private_Dirty'),
        proportionalKb: kilobytes(rollup, 'Pss'),
        peakResidentKb: kilobytes(status, 'VmHWM'),
      },
    ]
  } catch {
    return []
  }
}

function kilobytes(table: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(table)?.[1] ?? 0)
}

function nameOf({ pid, command }: Known, main: number): string {
  if (pid === main) return 'Tocsin (Node)'
  if (command.includes('engine-process')) return 'ClickHouse engine (Node + chdb)'
  const role = /postgres: \S+: (.*)$/.exec(command)?.[1] ?? /postgres: (.*)$/.exec(command)?.[1]
  return role === undefined && !command.includes('postgres') ? command.slice(0, 40) : 'PostgreSQL'
}
