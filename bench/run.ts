import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { deliver, deliverParts } from './deliver.ts'
import { eventParts, events } from './events.ts'
import { loop, loopParts } from './loop.ts'
import { ruleParts, rules, type RulesWish } from './rules/rules.ts'
import { storm, type StormWish, stormParts } from './storm/storm.ts'

interface Bench {
  readonly about: string
  /** Parts that `--only` can pick. */
  readonly parts: readonly string[]
  /** Options that mean something to it alone. */
  readonly wishes?: readonly (keyof Wish)[]
  /** What was measured, as Markdown. */
  run(only: readonly string[], wish: Wish): Promise<string>
}

/** What only some benches can be asked for. */
type Wish = StormWish & RulesWish

const benches: Readonly<Record<string, Bench>> = {
  loop: {
    about:
      'the main job of a real start: row to message, command to answer, idle memory and CPU, time to first page',
    parts: loopParts,
    run: loop,
  },
  events: {
    about: 'events a second through the processor, on a database with 1,000 contacts of 5 rules',
    parts: eventParts,
    run: events,
  },
  deliver: {
    about: 'notifications a second to a webhook, and what a destination that hangs does to the others',
    parts: deliverParts,
    run: deliver,
  },
  rules: {
    about: 'rules over ClickHouse: what a tick costs, and whether its answers are those of a query',
    parts: ruleParts,
    wishes: ['plots'],
    run: rules,
  },
  storm: {
    about: 'storms of alerts against Alertmanager and against Tocsin, side by side',
    parts: stormParts,
    wishes: ['runs', 'side'],
    run: storm,
  },
}

const usage = `npm run bench -- <name> [--only part,part] [--out file]

${Object.entries(benches)
  .map(
    ([name, { about, parts }]) =>
      `  ${name.padEnd(8)} ${about}\n  ${''.padEnd(8)} parts: ${parts.join(', ')}`,
  )
  .join('\n')}

  --only    measures some of the parts
  --out     writes the table into a file too; without it nothing is written
  --runs    of storm: how often each case is played, 1 by default; the table has the medians
  --side    of storm: tocsin, alertmanager, both (by default), or null, a server that does nothing
  --plots   of rules: a folder that growth draws its plots into
  --help    this text`

async function main(words: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      out: { type: 'string' },
      runs: { type: 'string' },
      side: { type: 'string' },
      plots: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(usage)
  const { runs, side, plots } = values
  const wish = {
    ...(runs !== undefined && { runs }),
    ...(side !== undefined && { side }),
    ...(plots !== undefined && { plots }),
  }
  const table = await measure(positionals, values.only?.split(','), wish)
  console.log(`\n${table}`)
  if (values.out !== undefined) await writeFile(values.out, `${table}\n`)
}

async function measure(
  [name = '', ...more]: readonly string[],
  only: readonly string[] | undefined,
  wish: Wish,
): Promise<string> {
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
  if (!bench || more.length > 0)
    throw new Error(`There is no bench called "${[name, ...more].join(' ')}".\n\n${usage}`)
  const unknown = only?.find((part) => !bench.parts.includes(part))
  if (unknown !== undefined) throw new Error(`"${unknown}" is no part of ${name}: ${bench.parts.join(', ')}.`)
  const stray = Object.keys(wish).find((option) => !bench.wishes?.some((known) => known === option))
  if (stray !== undefined) throw new Error(`--${stray} is not for ${name}.\n\n${usage}`)
  return bench.run(only ?? bench.parts, wish)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
