import { parseArgs } from 'node:util'
import { parseEnvironment } from './environment.ts'
import { explainFromAfar } from './explain.ts'
import { tokenFromAfar } from './token.ts'

const usage = `Tocsin, alerting whose console is the chat room.

  tocsin start     everything in one process (npm start)
  tocsin bot       chat, HTTP and the local chat only (npm run bot)
  tocsin workers   evaluation and delivery only (npm run workers)
  tocsin explain 42 | db-1:disk
                   ask the house that runs at PUBLIC_URL, or at HOST and PORT, who hears of it and why
  tocsin token list | add ci OPERATOR | revoke ci
                   what programs sign in with, each with a role; asked of the same house

  --no-demo        do not feed the embedded store with a made-up system, nor make up clusters for it`

const rolesOf = {
  start: { bot: true, workers: true },
  bot: { bot: true, workers: false },
  workers: { bot: false, workers: true },
} as const

type Verb = keyof typeof rolesOf | 'explain' | 'token'

/** Ends the process with one clear sentence whenever it cannot begin. */
export async function main(words: readonly string[], variables: NodeJS.ProcessEnv): Promise<void> {
  try {
    const { verb, demo, about } = readWords(words)
    const settings = parseEnvironment(variables)
    if (verb === 'explain') return console.log(await explainFromAfar(about.join(' '), settings))
    if (verb === 'token') return console.log(await tokenFromAfar(about, settings))
    // Only now, so that a slip of the hand is answered before the whole house is loaded.
    const { run } = await import('./run.ts')
    await run(rolesOf[verb], settings, { demo })
  } catch (error) {
    const who = isAsking(words[0] ?? '') ? 'Tocsin' : 'Tocsin cannot start'
    console.error(`\n${who}: ${error instanceof Error ? error.message : String(error)}`)
    if (variables['LOG_LEVEL'] === 'debug') console.error(error)
    process.exit(1)
  }
}

function readWords(words: readonly string[]): {
  verb: Verb
  demo: boolean
  about: readonly string[]
} {
  const { values, positionals } = parseWords(words)
  const [verb = 'start', ...rest] = positionals
  const isWhole = isAsking(verb) ? rest.length > 0 : rest.length === 0
  if (values.help || !isWhole || !isVerb(verb)) {
    console.log(usage)
    process.exit(values.help ? 0 : 2)
  }
  return { verb, demo: !values['no-demo'], about: rest }
}

function parseWords(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        'no-demo': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (cause) {
    // Its first sentence names the option; the second is about how to write files that are called like one.
    const [problem = ''] = String(cause instanceof Error ? cause.message : cause).split('. ')
    throw new Error(`${problem}. See npx tocsin --help.`, { cause })
  }
}

function isVerb(word: string): word is Verb {
  return isAsking(word) || Object.hasOwn(rolesOf, word)
}

/** Of the house that runs already. */
function isAsking(word: string): boolean {
  return word === 'explain' || word === 'token'
}
