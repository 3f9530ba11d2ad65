import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { conditionDefinitions } from '#engine/rule/conditions/registry.ts'
import { parseRuleDraft } from '#engine/rule/rule.ts'

const root = join(import.meta.dirname, '../..')

const pages = globSync('docs/rules/*.md', { cwd: root }).map((path) => ({
  path,
  text: readFileSync(join(root, path), 'utf8'),
}))

const examples = pages.flatMap(({ path, text }) =>
  [...text.matchAll(/```json\n([^]*?)```/g)].map(([, json = '']) => [path, json] as const),
)

test('there are pages with examples', () => {
  expect(examples.length).toBeGreaterThanOrEqual(5)
})

describe('an example is a rule that is accepted as it stands', () => {
  test.each(examples)('%s', (_path, json) => {
    expect(parseRuleDraft(JSON.parse(json))).toHaveProperty('draft')
  })
})

describe('the page of a kind lists every variable of its templates', () => {
  test.each(Object.entries(conditionDefinitions))('%s', (kind, { variables }) => {
    const name = kind.toLowerCase().replaceAll('_', '-')
    const page = pages.find(({ path }) => path.endsWith(`/${name}.md`))
    const missing = Object.keys(variables).filter((variable) => !page?.text.includes(`{{${variable}}}`))
    expect(missing).toEqual([])
  })
})

describe('links between the pages lead somewhere', () => {
  test.each(pages)('$path', ({ text }) => {
    for (const [, target = ''] of text.matchAll(/\]\(([\w-]+\.md)/g))
      expect(existsSync(join(root, 'docs/rules', target)), target).toBe(true)
  })
})
