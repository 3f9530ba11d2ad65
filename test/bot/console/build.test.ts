import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtConsole } from '#bot/console/build.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-console-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('the page is built once, by whichever of two starts comes first, and found by the next', async () => {
  const lines: string[] = []
  const options = { folder, report: (line: string) => void lines.push(line) }
  const [one, other] = await Promise.all([builtConsole(options), builtConsole(options)])
  expect(other).toBe(one)
  expect(await readdir(one)).toEqual(expect.arrayContaining(['assets', 'index.html']))
  const told = lines.length
  expect(await builtConsole(options)).toBe(one)
  expect(lines).toHaveLength(told)
  for (const name of await readdir(folder)) expect(join(folder, name)).toBe(one)
})

test('a build from other sources is not taken for this one', async () => {
  const built = await builtConsole({ folder, report: () => undefined })
  await writeFile(join(built, 'built-from'), 'something else')
  const rebuilt = await builtConsole({ folder, report: () => undefined })
  expect(await readFile(join(rebuilt, 'built-from'), 'utf8')).not.toBe('something else')
})

test('a folder that cannot be written ends in a sentence that names it', async () => {
  const file = join(folder, 'a-file')
  await writeFile(file, '')
  await expect(builtConsole({ folder: join(file, 'below'), report: () => undefined })).rejects.toThrow(file)
})
