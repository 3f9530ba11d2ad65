import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, inFreshFolder, type Product, withProduct } from '../product.ts'
import { routingOf, type Setting, type Side } from './side.ts'

const token = 'a-token-for-the-bench-alone'
const headers = { authorization: `Bearer ${token}` }

export const tocsin: Side = {
  name: async () => `Tocsin ${await readVersion()}`,
  withServer: (setting, use) =>
    inFreshFolder(async (folder) => {
      const product = { dataFolder: folder, variables: await variablesOfTheBench() }
      return withProduct(product, async ({ origin, pid }) => {
        await setRouting(origin, setting)
        return use({ origin, headers, pid, folder, hasPages: true })
      })
    }),
}

async function variablesOfTheBench(): Promise<Readonly<Record<string, string>>> {
  return {
    TOCSIN_TOKEN: token,
    LOG_LEVEL: 'warn',
    // Webhooks to this machine itself are refused otherwise.
    EGRESS_ALLOW: '127.0.0.1',
    // Nobody is there: Alertmanager brings no telemetry engine along either, so ours stays out of the figures.
    CLICKHOUSE_URL: `http://127.0.0.1:${await freePort()}`,
  }
}

async function setRouting(origin: Product['origin'], setting: Setting): Promise<void> {
  const response = await fetch(`${origin}/api/v1/routing`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(routingOf(setting)),
  })
  const answer = await response.text()
  if (response.status !== 200) throw new Error(`the routing was answered ${response.status}: ${answer}`)
}

async function readVersion(): Promise<string> {
  const manifest: { version: string } = JSON.parse(
    await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
  )
  return manifest.version
}
