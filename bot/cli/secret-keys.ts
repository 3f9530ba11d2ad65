import { randomBytes } from 'node:crypto'
import { chmod, link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

interface KeySettings {
  readonly TOCSIN_SECRET_KEY?: Uint8Array[] | undefined
  readonly TOCSIN_SECRET_KEY_FILE?: string | undefined
  readonly dataFolder: string
}

/** What connections' secrets are sealed with, newest first: TOCSIN_SECRET_KEY, its file, or a key of our own in the data folder. */
export async function readSecretKeys(settings: KeySettings): Promise<Uint8Array[]> {
  const { TOCSIN_SECRET_KEY: written, TOCSIN_SECRET_KEY_FILE: file, dataFolder } = settings
  if (written !== undefined) return written
  if (file !== undefined) return keysIn(await readKeyFile(file), 'TOCSIN_SECRET_KEY_FILE')
  const own = join(dataFolder, 'secret.key')
  return keysIn(await ownKey(own), own)
}

/** 32 bytes as base64 or as 64 hexadecimal digits; undefined: it is neither. */
export function readSecretKey(text: string): Uint8Array | undefined {
  const trimmed = text.trim()
  const bytes = /^[0-9a-f]{64}$/i.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64')
  const isWhole =
    bytes.length === 32 && (/^[0-9a-f]{64}$/i.test(trimmed) || /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed))
  return isWhole ? bytes : undefined
}

export const secretKeyExpected =
  'a key of 32 random bytes, as `openssl rand -base64 32` prints it; several, newest first, separated by commas, while one is being replaced'

function keysIn(text: string, where: string): Uint8Array[] {
  const lines = text.split(/[\s,]+/).filter(Boolean)
  const keys = lines.map(readSecretKey)
  if (keys.length === 0 || keys.some((key) => key === undefined))
    throw new Error(`${where} does not hold ${secretKeyExpected}.`)
  return keys.filter((key) => key !== undefined)
}

async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new Error(`TOCSIN_SECRET_KEY_FILE cannot be read (${code}): check the path and who may read it.`, {
      cause: error,
    })
  }
}

/** Made at the first start; of several processes that start together one makes it, whole before anybody sees it. */
async function ownKey(path: string): Promise<string> {
  const known = await readFile(path, 'utf8').catch(missingIsFine)
  if (known !== undefined) return known
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    await chmod(draft, 0o600)
    await link(draft, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await rm(draft, { force: true })
  }
  return readFile(path, 'utf8')
}

function missingIsFine(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
