import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

/**
 * Which room may import from which. Read it as the map of the house: everything may know engine/, engine/ knows nobody,
 * and only the command line, where the rooms are tied together, knows them all.
 */
const mayImport: Record<string, RegExp> = {
  engine: /^#engine\//,
  db: /^#(db|engine)\//,
  workers: /^#(workers|db|engine)\//,
  bot: /^#(bot|workers\/queues|db|engine)\//,
  'bot/cli': /^#(bot|workers|db|engine)\//,
  'bot/console/client': /^#(bot\/console|engine)\//,
  manifests: /^#(manifests|engine)\//,
}

const engineLibraries = /^(zod|mustache|re2js|luxon)$/

/** Things with these names have a noun that nobody has found yet. */
const homeless = /^(utils?|helpers?|common|shared|core|lib|services|managers?|index)$/

const impure = [
  /\bprocess\./,
  /\bDate\.now\(/,
  /\bnew Date\(\)/,
  /\bMath\.random\(/,
  /\bset(Timeout|Interval|Immediate)\(/,
  /\bfetch\(/,
  /\bawait\b/,
  /\basync\b/,
]

interface SourceFile {
  readonly path: string
  readonly text: string
  readonly imports: readonly string[]
}

const files: SourceFile[] = globSync('{engine,db,workers,bot,manifests}/**/*.{ts,tsx}', { cwd: root })
  .filter((path) => !path.includes('/dist/'))
  .map((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
    const found = code.matchAll(
      /(?:^|\n|\s)(?:import|export)\s[^'"`;]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/g,
    )
    return { path, text: code, imports: [...found].map(([, still, lazy]) => still ?? lazy ?? '') }
  })

function roomOf(path: string): string {
  const rooms = Object.keys(mayImport).filter((room) => path.startsWith(`${room}/`))
  return rooms.reduce((longest, room) => (room.length > longest.length ? room : longest), '')
}

test('there are files to judge, and imports in them', () => {
  expect(files.length).toBeGreaterThan(100)
  expect(files.flatMap((file) => file.imports).length).toBeGreaterThan(300)
})

describe('every import follows an arrow of the house', () => {
  test.each(files.map((file) => [file.path, file] as const))('%s', (path, file) => {
    const room = roomOf(path)
    const wrong = file.imports.filter((name) => name.startsWith('#') && !mayImport[room]?.test(name))
    expect(wrong).toEqual([])
    expect(file.imports.filter((name) => name.startsWith('../'))).toEqual([])
  })
})

test('engine/ is pure: no clock, no dice, no waiting, no outside world', () => {
  const guilty = files
    .filter((file) => file.path.startsWith('engine/'))
    .flatMap((file) =>
      impure.filter((sign) => sign.test(file.text)).map((sign) => `${file.path}: ${sign.source}`),
    )
  expect(guilty).toEqual([])
})

test('engine/ uses pure libraries only', () => {
  const others = files
    .filter((file) => file.path.startsWith('engine/'))
    .flatMap((file) => file.imports.filter((name) => !/^[.#]/.test(name) && !engineLibraries.test(name)))
  expect(others).toEqual([])
})

test('only the command line reads the environment', () => {
  const readers = files.filter((file) => /process\.env/.test(file.text) && !file.path.startsWith('bot/cli/'))
  expect(readers.map((file) => file.path)).toEqual([])
})

test('the SDK of Teams is known in bot/teams alone, and the queue library in one file', () => {
  const users = (library: RegExp) =>
    files.filter((file) => file.imports.some((name) => library.test(name))).map((file) => file.path)
  expect(users(/^botbuilder/).filter((path) => !path.startsWith('bot/teams/'))).toEqual([])
  expect(users(/^bullmq/)).toHaveLength(1)
})

test('nothing is called utils, helpers, common, shared, core, lib, services, managers or index', () => {
  const names = files.flatMap((file) => [
    ...dirname(file.path).split('/'),
    file.path.split('/').at(-1)?.split('.')[0] ?? '',
  ])
  expect(names.filter((name) => homeless.test(name))).toEqual([])
})

test('no import goes in a circle', () => {
  const byPath = new Map(
    files.map((file) => [file.path, file.imports.map((name) => resolveImport(file.path, name))]),
  )
  const done = new Set<string>()
  const circles: string[] = []
  const walk = (path: string, trail: readonly string[]) => {
    if (trail.includes(path))
      return void circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
    if (done.has(path)) return
    for (const next of byPath.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const path of byPath.keys()) walk(path, [])
  expect(circles).toEqual([])
})

function resolveImport(from: string, name: string): string {
  return name.startsWith('#') ? name.slice(1) : join(dirname(from), name)
}

test('the top level holds the rooms and the papers, and nothing else', () => {
  const folders = globSync('*/', { cwd: root }).map((folder) => folder.replace(/\/$/, ''))
  const rooms = folders.filter((folder) => !['node_modules', '.git', '.tocsin', 'coverage'].includes(folder))
  expect(rooms.sort()).toEqual(['bench', 'bot', 'db', 'docs', 'engine', 'manifests', 'test', 'workers'])
})
