import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/*
 * What somebody might do to us, one line a case. A test says which it proves in its title, as `abuse 4: …` or `(abuse cases 9
 * and 23)`, wherever it lives.
 */
const cases: Readonly<Record<number, string>> = {
  1: 'a URL that leads inside, in whatever form',
  2: 'a name that leads inside when it is sent',
  3: 'an answer that leads elsewhere',
  4: 'an answer without end, packed, dripping, or of too many headers',
  5: 'a test button that reads pages',
  6: 'an editor who changes only the host, to get the token',
  7: 'alert text that wants to change the JSON it is told in',
  8: 'templates made to escape, to recurse or to grow',
  9: 'mentions and disguised links in alert text',
  10: 'recipients and subjects with line breaks, or of a thousand',
  11: 'inbound webhooks: unsigned, stale, twice, rewritten, too large, too deep',
  12: 'buttons pressed by strangers, again, or on what is over',
  13: 'two at once, and ends that overtake their beginnings',
  14: 'whoever may look, and looks for secrets',
  15: 'a silence of everything, for ever',
  16: 'patterns made to take for ever; ten thousand matchers',
  17: 'a storm of one source',
  18: "a recovery in somebody else's name",
  19: 'names that mean something to JavaScript, keys that come twice, numbers no computer holds',
  20: 'sealed secrets swapped, cut or of an old key',
  21: 'a connection of another environment',
  22: 'log files that lead elsewhere; a full disk',
  23: 'formulas, tables and HTML in what is shown and exported',
  24: 'killed between sending and saying so; Redis restarted; clocks that jump',
}

const tests = join(import.meta.dirname, '..')
const named = /\babuse (?:cases? )?(\d+(?:(?:, | and )\d+)*)/g

function provenIn(file: string): number[] {
  const text = readFileSync(join(tests, file), 'utf8')
  return [...text.matchAll(named)].flatMap(([, numbers = '']) => (numbers.match(/\d+/g) ?? []).map(Number))
}

const files = globSync('**/*.test.ts', { cwd: tests }).filter((file) => !file.endsWith('abuse/cases.test.ts'))
const proofs = new Map(files.map((file) => [file, new Set(provenIn(file))]))

test.each(Object.entries(cases))('case %s, %s, has a test', (number) => {
  const where = [...proofs].flatMap(([file, proven]) => (proven.has(Number(number)) ? [file] : []))
  expect(where, 'name the case in the title of the test that proves it').not.toEqual([])
})

test('no test names a case there is not', () => {
  const unknown = [...proofs].filter(([, proven]) => [...proven].some((number) => !(number in cases)))
  expect(unknown.map(([file]) => file)).toEqual([])
})
