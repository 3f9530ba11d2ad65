import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseEnvironment } from '#bot/cli/environment.ts'
import { readSecretKeys } from '#bot/cli/secret-keys.ts'

let dataFolder: string

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'tocsin-keys-'))
})
afterEach(() => rm(dataFolder, { recursive: true, force: true }))

const one = Buffer.alloc(32, 1)
const other = Buffer.alloc(32, 2)

test('several keys come in the order they are written, as base64 or hexadecimal', async () => {
  const settings = parseEnvironment({
    TOCSIN_SECRET_KEY: `${one.toString('base64')}, ${other.toString('hex')}`,
  })
  expect(await readSecretKeys(settings)).toEqual([one, other])
})

test.each(['short', one.toString('base64').slice(4), 'x'.repeat(44), `${one.toString('hex')}ab`])(
  'a key that is none (%#) is refused without being repeated',
  (TOCSIN_SECRET_KEY) => {
    const refused = () => parseEnvironment({ TOCSIN_SECRET_KEY })
    expect(refused).toThrow(/TOCSIN_SECRET_KEY: found \d+ characters, expected a key of 32 random bytes/)
    expect(refused).not.toThrow(TOCSIN_SECRET_KEY)
  },
)

test('a file holds the same, one a line', async () => {
  const file = join(dataFolder, 'keys')
  await writeFile(file, `${one.toString('base64')}\n${other.toString('base64')}\n`)
  expect(await readSecretKeys({ TOCSIN_SECRET_KEY_FILE: file, dataFolder })).toEqual([one, other])
  await writeFile(file, 'nothing of the kind')
  await expect(readSecretKeys({ TOCSIN_SECRET_KEY_FILE: file, dataFolder })).rejects.toThrow(
    /32 random bytes/,
  )
})

test('a file that is not there is no reason to invent a key', async () => {
  const file = join(dataFolder, 'missing')
  await expect(readSecretKeys({ TOCSIN_SECRET_KEY_FILE: file, dataFolder })).rejects.toThrow(/ENOENT/)
})

test('with neither, one is made at the first start, for this user alone, and stays', async () => {
  const [first, second] = await Promise.all([readSecretKeys({ dataFolder }), readSecretKeys({ dataFolder })])
  expect(first).toEqual(second)
  expect(first[0]).toHaveLength(32)
  const file = join(dataFolder, 'secret.key')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(Buffer.from((await readFile(file, 'utf8')).trim(), 'base64')).toEqual(first[0])
})
