import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The unprivileged account a root process hands PostgreSQL to, because PostgreSQL refuses to run as root. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

export function isRoot(): boolean {
  return process.getuid?.() === 0
}

export async function findAccount(passwdFile = '/etc/passwd'): Promise<Account> {
  const account = chooseAccount(await readFile(passwdFile, 'utf8').catch(() => ''))
  if (account) return account
  throw new Error(
    'PostgreSQL refuses to run as root, and this machine has no other account to run it as. ' +
      'Create one (useradd --system postgres), start Tocsin as an ordinary user, or set DATABASE_URL.',
  )
}

// initdb looks its own user up by name, so a bare uid without an entry in passwd would not do.
// People's accounts (1000 and above) are left alone: their files are none of the database's business.
export function chooseAccount(passwd: string): Account | undefined {
  const accounts = passwd.split('\n').flatMap(readAccount)
  return (
    accounts.find(({ name }) => name === 'postgres') ??
    accounts.find(({ name }) => name === 'nobody') ??
    accounts.find(({ uid }) => uid < 1000)
  )
}

function readAccount(line: string): Account[] {
  const [, name = '', uid = '', gid = ''] = /^([^:]+):[^:]*:(\d+):(\d+):/.exec(line) ?? []
  return Number(uid) > 0 ? [{ name, uid: Number(uid), gid: Number(gid) }] : []
}

/** Whether the account may pass through every folder on the way to `path`, and through or into `path` itself. */
export async function canReach(path: string, account: Account): Promise<boolean> {
  const { mode, uid, gid } = await stat(path)
  const execute = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
  if ((mode & execute) === 0) return false
  return dirname(path) === path || canReach(dirname(path), account)
}
