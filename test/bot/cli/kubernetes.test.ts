import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { expect, test } from 'vitest'
import { closingStack } from '#bot/cli/closing.ts'
import { parseEnvironment } from '#bot/cli/environment.ts'
import { openKubernetes } from '#bot/cli/kubernetes.ts'
import { consoleReport } from '#bot/cli/report.ts'
import { eventually } from '#test/harness/eventually.ts'
import { fakeKubernetes } from '#test/harness/fake-kubernetes.ts'
import { aPod, everyPod, noon } from '#test/harness/kubernetes-objects.ts'

function opening() {
  const lines: string[] = []
  const closing = closingStack((_, error) => lines.push(String(error)))
  return { lines, closing, report: consoleReport((line) => lines.push(line)), log: pino({ level: 'silent' }) }
}

test('a kubeconfig that is set for other tools is left alone', async () => {
  const house = opening()
  expect(await openKubernetes(parseEnvironment({ KUBECONFIG: '/etc/kubeconfig' }), house)).toEqual({})
  expect(house.lines).toEqual([])
})

test('the cluster that is named is told of, asked by the first question, and left when all closes', async () => {
  const house = opening()
  const fake = await fakeKubernetes()
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-kubernetes-'))
  const path = join(folder, 'config')
  await writeFile(path, fake.config().exportConfig())
  fake.put(aPod())
  const { kubernetes } = await openKubernetes(parseEnvironment({ TOCSIN_KUBERNETES: path }), house)
  expect(house.lines.join('\n')).toContain(`and Kubernetes at ${new URL(fake.url).host}`)
  expect(fake.asked.lists).toBe(0)
  expect(await kubernetes?.ask([everyPod], noon)).toMatchObject([
    { pods: [{ pod: { name: 'orders-6d5f-x2x' } }] },
  ])
  await house.closing.close()
  await eventually('nobody to watch', () => fake.openWatches() === 0)
  await fake.close()
  await rm(folder, { recursive: true })
})
