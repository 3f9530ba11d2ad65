import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { variables } from '#bot/cli/environment.ts'

const root = join(import.meta.dirname, '..')

const papersIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name))

const papers = [
  ...readdirSync(root)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(root, name)),
  ...['docs', 'manifests', 'bench'].flatMap((folder) => papersIn(join(root, folder))),
]

interface Link {
  readonly path: string
  readonly anchor: string | undefined
}

/** Relative ones; what is on the web is not asked for. */
function linksOf(paper: string): Link[] {
  const text = readFileSync(paper, 'utf8').replaceAll(/```[\s\S]*?```/g, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#')
      return { path: path === '' ? paper : join(dirname(paper), path), anchor }
    })
}

/** As the web pages that show these papers make them from headings. */
function anchorsOf(paper: string): string[] {
  return [...readFileSync(paper, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

const rooms = ['bench', 'bot', 'db', 'engine', 'manifests', 'test', 'workers']
const sources = rooms.flatMap((room) =>
  readdirSync(join(root, room), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name)),
)
const code = sources.map((source) => readFileSync(source, 'utf8')).join('\n')

/** Files, by the end of their path, and names of functions and types: what the code is likely to outgrow. */
function isGone(name: string): boolean {
  if (/^\w[\w./-]*\.tsx?$/.test(name)) return !sources.some((source) => source.endsWith(`/${name}`))
  return /^[a-zA-Z]+[A-Z][a-zA-Z]+$/.test(name) && !code.includes(name)
}

describe('the papers', () => {
  it.each(papers.map((paper) => relative(root, paper)))('%s names nothing that is gone', (name) => {
    const text = readFileSync(join(root, name), 'utf8').replaceAll(/```[\s\S]*?```/g, '')
    const named = [...text.matchAll(/`([^`\n]+)`/g)].map(([, one = '']) => one)
    expect(named.filter(isGone)).toEqual([])
  })

  it.each(papers.map((paper) => relative(root, paper)))('%s links to what is there', (name) => {
    const broken = linksOf(join(root, name)).filter(
      ({ path, anchor }) =>
        !existsSync(path) ||
        (anchor !== undefined && (statSync(path).isDirectory() || !anchorsOf(path).includes(anchor))),
    )
    expect(broken).toEqual([])
  })

  it('name every variable that people may set', () => {
    const configuration = readFileSync(join(root, 'docs', 'configuration.md'), 'utf8')
    // Where look-alikes stand in for a vendor: nothing anybody who runs a house sets.
    const forTests = ['DISCORD_API_URL', 'SLACK_API_URL', 'TEAMS_ANONYMOUS']
    const unnamed = Object.keys(variables.shape).filter((name) => !configuration.includes(`\`${name}\``))
    expect(unnamed.toSorted()).toEqual(forTests)
  })
})
