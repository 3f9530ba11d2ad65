import { createHash } from 'node:crypto'
import { chmod, mkdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Account, canReach, findAccount, isRoot } from './account.ts'

/** Where a cluster lives, and the account its server runs as when we are root. */
export interface Place {
  readonly home: string
  readonly account: Account | undefined
}

const systemFolder = '/var/lib/tocsin'

export async function choosePlace(folder: string, report: (line: string) => void): Promise<Place> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const asked = await realpath(folder)
  if (!isRoot()) return { home: asked, account: undefined }

  // The account only passes through this folder: what is private inside has its own mode.
  await chmod(asked, 0o711)
  const elsewhere = join(systemFolder, createHash('sha256').update(asked).digest('hex').slice(0, 12))
  const account = (await findOwner(asked)) ?? (await findOwner(elsewhere)) ?? (await findAccount())
  if (!(await findOwner(elsewhere)) && (await canReach(asked, account))) return { home: asked, account }
  if (await findOwner(asked)) throw new Error(closedWay(asked, account))

  await openFolder(systemFolder)
  await openFolder(elsewhere)
  report(`PostgreSQL runs as ${account.name}, who cannot enter ${asked}: its data lives in ${elsewhere}`)
  return { home: elsewhere, account }
}

// A server runs only as the owner of its data, so an existing cluster has already chosen its account.
async function findOwner(home: string): Promise<Account | undefined> {
  const data = await stat(join(home, 'cluster', 'data')).catch(() => undefined)
  if (!data || data.uid === 0) return undefined
  return { name: `user ${data.uid}`, uid: data.uid, gid: data.gid }
}

async function openFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await chmod(folder, 0o711)
  } catch (cause) {
    throw new Error(
      `Cannot create ${folder} for the embedded database. Make it writable, or set DATABASE_URL.`,
      { cause },
    )
  }
}

function closedWay(folder: string, account: Account): string {
  return (
    `The database in ${folder} belongs to ${account.name}, who can no longer enter that folder. ` +
    'Let that account pass again (chmod o+x on every folder above it), or set DATABASE_URL.'
  )
}
