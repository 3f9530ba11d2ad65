import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { everyPod, noon } from '#test/harness/kubernetes-objects.ts'
import { fakeKubernetes } from '#test/harness/fake-kubernetes.ts'
import { openCluster } from '#workers/telemetry/kubernetes/open-cluster.ts'
import { kubernetesTelemetry } from '#workers/telemetry/kubernetes/pods.ts'

const secret = 'eyJhbGciOiJSUzI1NiJ9-nobody-may-read-this'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-kubeconfig-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

function kubeconfig(servers: Readonly<Record<string, string>>, current: string): string {
  const names = Object.keys(servers)
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: names.map((name) => ({
      name,
      cluster: { server: servers[name], 'insecure-skip-tls-verify': true },
    })),
    users: [{ name: 'tocsin', user: { token: secret } }],
    contexts: names.map((name) => ({ name, context: { cluster: name, user: 'tocsin' } })),
    'current-context': current,
  })
}

async function written(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const two = kubeconfig({ test: 'https://test.example.org:6443', live: 'https://live.example.org' }, 'test')

describe('which cluster is watched', () => {
  test('that of the current context, or of the one that is named', async () => {
    const from = await written('two', two)
    expect(openCluster({ from }).host).toBe('test.example.org:6443')
    expect(openCluster({ from, context: 'live' }).host).toBe('live.example.org')
  })

  test('its token goes to the API server, and into no message of ours', async () => {
    const fake = await fakeKubernetes()
    const from = await written('fake', kubeconfig({ fake: fake.url }, 'fake'))
    const telemetry = kubernetesTelemetry(openCluster({ from }), { clock: () => noon })
    const error: unknown = await telemetry.ask([everyPod], noon).catch((reason: unknown) => reason)
    expect(String(error)).toMatch(/does not accept our credentials/)
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(secret)
    telemetry.close()
    await fake.close()
  })
})

describe('what cannot be opened is said with its name, and without what is in it', () => {
  test.each<[string, string | undefined, string | undefined, RegExp]>([
    [
      'a file that is not there',
      undefined,
      undefined,
      /^TOCSIN_KUBERNETES: \S+ cannot be read \(ENOENT\)\.$/,
    ],
    [
      'no YAML',
      `users: [{ name: x, user: { token: ${secret} }`,
      undefined,
      /^TOCSIN_KUBERNETES: \S+ is no kubeconfig\.$/,
    ],
    [
      'something else',
      `- ${secret}`,
      undefined,
      /^TOCSIN_KUBERNETES: \S+ (is no kubeconfig\.|has no current context with a cluster)/,
    ],
    ['no such context', two, 'prod', /has no context prod with a cluster; it has test, live\.$/],
    [
      'no current context',
      two.replace('"current-context":"test"', '"current-context":""'),
      undefined,
      /has no current context with a cluster; it has test, live\.$/,
    ],
    [
      'a server that is no URL',
      kubeconfig({ odd: 'odd' }, 'odd'),
      undefined,
      /the cluster of its context has no server that is a URL/,
    ],
  ])('%s', async (what, text, context, problem) => {
    const name = what.replaceAll(' ', '-')
    const from = text === undefined ? join(folder, name) : await written(name, text)
    expect(() => openCluster({ from, context })).toThrow(problem)
    expect(() => openCluster({ from, context })).not.toThrow(secret)
  })

  test('its own cluster, outside of any', () => {
    expect(() => openCluster({ from: 'in-cluster' })).toThrow(
      /^TOCSIN_KUBERNETES is in-cluster, but this runs in no pod: KUBERNETES_SERVICE_HOST is not set/,
    )
  })
})
