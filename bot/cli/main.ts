import { parseArgs } from 'node:util'
import { parseEnvironment } from './environment.ts'
import { explainFromAfar } from './explain.ts'

const usage = `Tocsin, alerting whose console is the chat room.

  tocsin start     everything in one process (npm start)
  tocsin bot       chat, HTTP and the local chat only (npm run bot)
  tocsin workers   evaluation and delivery only (npm run workers)
  tocsin explain 42 | db-1:disk
                   ask the house that runs at PUBLIC_URL, or at HOST and PORT, who hears of it and why

  --no-demo        do not feed the embedded store with a made-up system`

const rolesOf = {
  start: { bot: true, workers: true },
  bot: { bot: true, workers: false },
  workers: { bot: false, workers: true },
} as const

type Verb = keyof typeof rolesOf | 'explain'

/** Ends the process with one clear sentence whenever it cannot begin. */
export async function main(words: readonly string[], variables: NodeJS.ProcessEnv): Promise<void> {
  try {
    const { verb, demo, about } = readWords(words)
    const settings = parseEnvironment(variables)
    if (verb === 'explain') return console.log(await explainFromAfar(about, settings))
    // Only now, so that a slip of the hand is answered before the whole house is loaded.
    const { run } = await import('./run.ts')
    await run(rolesOf[verb], settings, { demo })
  } catch (error) {
    const what = words[0] === 'explain' ? 'cannot ask' : 'cannot start'
    console.error(`\nTocsin ${what}: ${error instanceof Error ? error.message : String(error)}`)
    if (variables['LOG_LEVEL'] === 'debug') console.error(error)
    process.exit(1)
  }
}

function readWords(words: readonly string[]): { verb: Verb; demo: boolean; about: string } {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      'no-demo': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const [verb = 'start', ...rest] = positionals
  const isWhole = verb === 'explain' ? rest.length > 0 : rest.length === 0
  if (values.help || !isWhole || !isVerb(verb)) {
    console.log(usage)
    process.exit(values.help ? 0 : 2)
  }
  return { verb, demo: !values['no-demo'], about: rest.join(' ') }
}

function isVerb(word: string): word is Verb {
  return word === 'explain' || Object.hasOwn(rolesOf, word)
}
