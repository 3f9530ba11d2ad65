import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Memory } from '#db/client.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { countRules, saveRules } from '#db/repositories/rules.ts'
import { parseRuleDraft } from '#engine/rule/rule.ts'
import { startDemo } from '#workers/demo/feed.ts'
import { starterRules } from '#workers/demo/starter-rules.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import type { Opening } from './database.ts'

interface DemoOptions extends Opening {
  readonly memory: Memory
  readonly store: TelemetryStore
  readonly clock: () => Date
  readonly log: Logger
}

/** A made-up system to watch, and rules to watch it with: only where nobody has made a rule yet. */
export async function openDemo(options: DemoOptions): Promise<void> {
  const { memory, store, clock, log, report, closing } = options
  if ((await countRules(memory.db)) === 0) {
    const added = await addStarterRules(memory, clock())
    report.part('rules', `${added} starter rules; ask for them with /alert rule list`)
  }
  const release = await memory.hold('tocsin demo')
  if (!release) return report.part('demo', 'another Tocsin feeds the store already')
  const demo = await startDemo({
    store,
    clock,
    report: (line) => report.part('demo', line.replace(/^Demo: /, '')),
    onError: (error) => log.warn({ err: error }, 'the demo could not feed the store'),
  })
  closing.add('demo', async () => {
    await demo.close()
    await release()
  })
}

async function addStarterRules({ db }: Memory, now: Date): Promise<number> {
  const rules = starterRules.map((starter) => {
    const parsed = parseRuleDraft(starter)
    if ('problems' in parsed)
      throw new Error(`the starter rule "${starter.name}" is refused: ${JSON.stringify(parsed.problems)}`)
    return { ...parsed.draft, id: randomUUID(), environment: firstEnvironment.slug, createdAt: now }
  })
  await saveRules(db, rules, 'Tocsin')
  return starterRules.length
}
