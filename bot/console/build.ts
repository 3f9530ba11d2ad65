import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { globSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..', '..')
/** Made by `node bot/console/build-now.ts`, e.g. while an image is made, so that a start needs no Vite. */
const prebuilt = join(import.meta.dirname, 'dist')

export interface BuildOptions {
  /** A writable folder where builds are kept from one start to the next. */
  readonly folder: string
  readonly report: (line: string) => void
}

/** Answers the folder of a page built from exactly the sources that lie here, building it when there is none. */
export async function builtConsole({ folder, report }: BuildOptions): Promise<string> {
  const sources = await sourcesHash()
  const kept = join(folder, sources)
  for (const candidate of [prebuilt, kept]) {
    if ((await readMark(candidate)) === sources) return candidate
  }
  report('Building the local chat, once')
  const fresh = `${kept}.${randomUUID()}`
  try {
    await mkdir(folder, { recursive: true })
    await buildElsewhere(fresh)
    await moveIntoPlace(fresh, { kept, sources })
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined)
    throw new Error(`The local chat's page could not be built into ${folder}: ${explain(error)}`, {
      cause: error,
    })
  }
  return kept
}

/**
 * In a process of its own: the bundler's memory goes when it is done, and a start that finds a build never loads it.
 * It inherits nothing: a NODE_ENV such as a test run's would put React's development half into the page.
 */
async function buildElsewhere(folder: string): Promise<void> {
  const script = join(import.meta.dirname, 'build-now.ts')
  await promisify(execFile)(process.execPath, [script, folder], {
    cwd: root,
    env: { NODE_ENV: 'production' },
  })
}

/** Two processes may build at once; the builds are the same, so the first to arrive wins. */
async function moveIntoPlace(
  fresh: string,
  { kept, sources }: { kept: string; sources: string },
): Promise<void> {
  if ((await readMark(kept)) !== sources) await rm(kept, { recursive: true, force: true })
  try {
    await rename(fresh, kept)
  } catch (error) {
    if ((await readMark(kept)) !== sources) throw error
    await rm(fresh, { recursive: true, force: true })
  }
}

/** What the builder said on its way down is worth more than that it failed. */
function explain(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
  if (said !== '') return said.slice(-2000)
  return error instanceof Error ? error.message : String(error)
}

export const markFile = 'built-from'

async function readMark(folder: string): Promise<string | undefined> {
  return readFile(join(folder, markFile), 'utf8').catch(() => undefined)
}

/** Everything the page is made of: its own files, the pure ones it imports, and the versions of its libraries. */
export async function sourcesHash(): Promise<string> {
  const files = globSync(['bot/console/client/**/*.{ts,tsx,css,html,svg}', 'engine/**/*.ts'], {
    cwd: root,
  }).sort()
  const hash = createHash('sha256').update(await libraryVersions())
  for (const file of [...files, 'bot/console/build-now.ts']) {
    hash.update(`\n${file}\n`).update(await readFile(join(root, file)))
  }
  return hash.digest('hex').slice(0, 16)
}

const libraries = ['react', 'react-dom', 'vite', '@vitejs/plugin-react']

async function libraryVersions(): Promise<string> {
  const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  return libraries.map((name) => `${name}@${dependencies[name]}`).join(' ')
}
