import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** What tells a server's processes from everybody else's. */
export interface ServerMark {
  readonly clusterName: string
  readonly dataFolder: string
}

/** The processes, postmaster and children, of the server that works on this cluster. */
export async function listServerProcesses(mark: ServerMark): Promise<number[]> {
  const processes = process.platform === 'linux' ? await readProc() : await readPs()
  return processes.filter(({ command }) => belongsTo(command, mark)).map(({ pid }) => pid)
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

export interface Process {
  readonly pid: number
  readonly command: string
}

// The postmaster carries the name or, when started by hand, the folder as an argument; its children carry the name in
// their title ("postgres: name: walwriter").
// Neither asks for more rights than a container's root has, as the folder behind /proc/<pid>/cwd would.
export function belongsTo(command: string, { clusterName, dataFolder }: ServerMark): boolean {
  if (command.startsWith(`postgres: ${clusterName}: `)) return true
  if (!/^postgres |\/postgres /.test(command)) return false
  return [`cluster_name=${clusterName}`, `-D ${dataFolder}`].some((own) => `${command} `.includes(` ${own} `))
}

async function readProc(): Promise<Process[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0)
  return Promise.all(
    pids.map(async (pid) => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      return { pid, command: command.replaceAll('\0', ' ').trimEnd() }
    }),
  )
}

async function readPs(): Promise<Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,command='], { maxBuffer: 2 ** 26 })
  return parsePs(stdout)
}

export function parsePs(output: string): Process[] {
  return output.split('\n').flatMap((line) => {
    const [, pid = '', command = ''] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? []
    return pid ? [{ pid: Number(pid), command: command.trimEnd() }] : []
  })
}
