import { rm } from 'node:fs/promises'
import { spokenVersion } from '#engine/view/alertmanager.ts'
import { freePort, freshFolder, startProduct } from './product.ts'

/** Alertmanager's own form of a configuration, as far as the scenarios use it. */
interface Configuration {
  readonly inhibit_rules?: readonly ({
    readonly source_matchers?: readonly string[]
    readonly target_matchers?: readonly string[]
    readonly equal?: readonly string[]
  } | null)[]
}

interface Tools {
  toAlertmanagerConfig(config: unknown, urlOf: (id: string) => string): Configuration
}

interface Started {
  readonly bases: readonly string[]
  reload(): Promise<void>
  stop(): Promise<void>
}

/**
 * Plays scenarios of Alertmanager's behaviour against a Tocsin as people start it, with an empty store for each: the default export is what
 * a player of such scenarios asks for. Everything stays on loopback.
 */
export default {
  name: 'tocsin',
  /** One process, at its own root, that starts when it is started. */
  capabilities: ['reload', 'amtool'],
  /** The release whose behaviour is claimed. */
  version: async (): Promise<string> => spokenVersion,
  async start(
    scenario: { readonly config: unknown; readonly mode?: string },
    urlOf: (id: string) => string,
    _nextPort: () => number,
    tools: Tools,
  ): Promise<Started> {
    const dataFolder = await freshFolder()
    const product = await startProduct({ dataFolder, variables: await variables(scenario.mode) })
    const stop = async () => {
      await product.stop()
      await rm(dataFolder, { recursive: true, force: true })
    }
    try {
      await configure(product.origin, tools.toAlertmanagerConfig(scenario.config, urlOf))
    } catch (error) {
      await stop()
      throw error
    }
    const reload = async () => {
      await ask(`${product.origin}/-/reload`, 'POST')
    }
    return { bases: [product.origin], reload, stop }
  },
}

async function variables(mode: string | undefined): Promise<Readonly<Record<string, string>>> {
  return {
    LOG_LEVEL: 'warn',
    ...(mode === 'classic' && { ALERTMANAGER_LABEL_NAMES: 'classic' }),
    // The scenarios' receivers are on this machine, where nothing is told otherwise.
    EGRESS_ALLOW: '127.0.0.1',
    // No rule is evaluated: nobody is there, and nobody has to be started.
    CLICKHOUSE_URL: `http://127.0.0.1:${await freePort()}`,
  }
}

async function configure(
  origin: string,
  { inhibit_rules: inhibitions = [], ...routing }: Configuration,
): Promise<void> {
  await ask(`${origin}/api/v1/routing`, 'PUT', routing)
  for (const rule of inhibitions) {
    if (!rule) continue
    const { source_matchers: source = [], target_matchers: target = [], equal = [] } = rule
    await ask(`${origin}/api/v1/inhibitions`, 'POST', { name: 'of the scenario', source, target, equal })
  }
}

async function ask(url: string, method: string, body?: object): Promise<void> {
  const answer = await fetch(url, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${new URL(url).pathname} was answered ${answer.status}: ${text}`)
}
