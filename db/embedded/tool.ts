import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { basename } from 'node:path'
import type { Account } from './account.ts'

/** Runs one of PostgreSQL's own programs as `account` and resolves when it has ended well. */
export async function runTool(program: string, args: string[], account: Account | undefined): Promise<void> {
  const child = spawn(program, args, {
    cwd: '/',
    // Nothing of ours: a stray PGDATA, PGOPTIONS or LD_PRELOAD would reach the server and stay with it.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own session, so that Ctrl-C in our terminal ends us and not a half-made cluster.
    detached: true,
    ...(account && { uid: account.uid, gid: account.gid }),
  })
  const ended = once(child, 'close').catch((cause: unknown) => {
    throw new Error(cannotRun(program, account, cause), { cause })
  })
  const [output, complaint, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ])
  if (code === 0) return
  const how = signal ? `was ended by ${String(signal)}` : `ended with code ${String(code)}`
  throw new Error(`${basename(program)} ${how}: ${complaint.trim() || output.trim() || 'no output'}`)
}

function cannotRun(program: string, account: Account | undefined, cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EPERM' || code === 'EINVAL') {
    return `PostgreSQL refuses to run as root, and this process may not become ${account?.name ?? 'another user'}. Start Tocsin as an ordinary user, or set DATABASE_URL.`
  }
  if (code === 'ENOENT') {
    return `Cannot run ${program}. The embedded PostgreSQL needs a Linux with glibc (not Alpine): use one, or set DATABASE_URL.`
  }
  return `Cannot run ${program}. Check that it may be executed, or set DATABASE_URL.`
}
