import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '#test/harness/eventually.ts'
import { requires } from '#test/harness/requires.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'
import { freePort } from '#test/harness/tocsin-process.ts'

const prometheus = requires('prometheus')
let house: ServedHouse
let folder: string
let child: ChildProcess | undefined

const settings = (target: string) => `
global: { evaluation_interval: 1s, external_labels: { cluster: eu-1 } }
rule_files: [ rules.yml ]
alerting: { alertmanagers: [ { static_configs: [ { targets: [ "${target}" ] } ] } ] }
`

const rules = (value: number) => `
groups:
  - name: orders
    rules:
      - alert: OrdersFail
        expr: vector(${value}) > 5
        labels: { severity: critical, instance: orders-1 }
        annotations: { summary: "{{ $value }} % of the orders fail" }
`

beforeAll(async () => {
  if ('missing' in prometheus) return
  house = await serveHouse({ movable: false })
  folder = await mkdtemp(join(tmpdir(), 'tocsin-prometheus-'))
  await writeFile(join(folder, 'prometheus.yml'), settings(new URL(house.url).host))
  await writeFile(join(folder, 'rules.yml'), rules(24))
  const port = await freePort()
  const flags = {
    'config.file': 'prometheus.yml',
    'storage.tsdb.path': 'data',
    'web.listen-address': `127.0.0.1:${port}`,
    // It looks for its Alertmanagers a few seconds after the rule first fired: the next sending is the first.
    'rules.alert.resend-delay': '5s',
    'log.level': 'error',
  }
  const words = Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
  child = spawn(prometheus.path, words, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
})

afterAll(async () => {
  if (child) {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    await rm(folder, { recursive: true, force: true })
  }
  await house?.close()
})

const message = async () =>
  (await house.localMessages()).find((row) => row.message.headline.includes('OrdersFail'))?.message

test('a rule that fires in Prometheus is a message in the chat, and when it clears the message says so', async (context) => {
  if ('missing' in prometheus) return context.skip(prometheus.missing)
  const fired = await eventually('the alert in the chat', message, 30_000)
  expect(fired.tone).toBe('critical')
  expect(JSON.stringify(fired)).toContain('24 % of the orders fail')
  expect((await house.get('/api/v2/alerts')).body).toMatchObject([
    {
      labels: { alertname: 'OrdersFail', cluster: 'eu-1', severity: 'critical' },
      status: { state: 'active' },
      generatorURL: expect.stringContaining('/graph?'),
    },
  ])

  await writeFile(join(folder, 'rules.yml'), rules(1))
  child?.kill('SIGHUP')
  await eventually('the end of it in the chat', async () => (await message())?.tone === 'resolved', 30_000)
  expect(await house.localMessages()).toHaveLength(1)
  expect((await house.get('/api/v2/alerts')).body).toEqual([])
}, 90_000)
