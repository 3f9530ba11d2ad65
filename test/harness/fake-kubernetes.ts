import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KubeConfig, type V1Job, type V1Pod } from '@kubernetes/client-node'
import { ApiServer, sendRefusal } from '#workers/demo/kubernetes/api-server.ts'

/** `hanging`: it accepts and says nothing; `garbage`: something else answers at its address. */
type Ailment =
  | 'well'
  | 'hanging'
  | 'garbage'
  | {
      readonly status: number
      readonly message: string
      readonly verb?: 'list' | 'watch'
      readonly retryAfter?: number
    }

const token = 'a-token-nobody-may-read'

export type FakeKubernetes = Awaited<ReturnType<typeof fakeKubernetes>>

/** The look-alike of the demo, and whatever can be wrong with it or on the way to it. */
export async function fakeKubernetes() {
  const waiting = new Set<ServerResponse>()
  const watches = new Set<ServerResponse>()
  const asked = { lists: 0, pages: 0, watches: 0, resumedAt: [] as number[] }
  let ailment: Ailment = 'well'

  const api = new ApiServer({
    token,
    onAsked: (one) => {
      if (one.verb === 'list') asked.lists += 1
      if (one.verb === 'page') asked.pages += 1
      if (one.verb !== 'watch') return
      asked.watches += 1
      asked.resumedAt.push(one.after)
      watches.add(one.response)
    },
  })

  function answer(request: IncomingMessage, response: ServerResponse): void {
    if (ailment === 'hanging') return
    if (ailment === 'garbage') return void response.end('<html>It works!</html>')
    const isWatch = request.url?.includes('watch=true') ?? false
    const isRefused =
      ailment !== 'well' && (ailment.verb === undefined || (ailment.verb === 'watch') === isWatch)
    if (isRefused) sendRefusal(response, ailment as Exclude<Ailment, string>)
    else api.handle(request, response)
  }

  const server = createServer((request, response) => {
    waiting.add(response)
    response.on('close', () => {
      waiting.delete(response)
      watches.delete(response)
    })
    answer(request, response)
  })

  function leave(how: (response: ServerResponse) => void): void {
    const left = [...watches]
    watches.clear()
    for (const response of left) how(response)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo

  return {
    asked,
    url: `http://127.0.0.1:${address.port}`,
    token,
    config: (parts: { token?: string } = {}) =>
      configOf(`http://127.0.0.1:${address.port}`, parts.token ?? token),
    openWatches: () => watches.size,
    put: (...pods: V1Pod[]) => pods.forEach((pod) => api.putPod(pod)),
    remove: (pod: V1Pod) => api.removePod(pod),
    putJob: (job: V1Job) => api.putJob(job),
    become: (next: Ailment) => {
      ailment = next
    },
    /** Without a goodbye, as when a machine between goes down. */
    cutWatches: () => leave(({ socket }) => socket?.resetAndDestroy()),
    endWatches: () => leave((response) => response.end()),
    /** A line into every open watch that no API server writes. */
    sayInWatches: (line: string) => watches.forEach((response) => response.write(`${line}\n`)),
    bookmark: () => api.bookmark(),
    compact: () => api.compact(),
    close: async () => {
      for (const response of waiting) response.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function configOf(server: string, token: string): KubeConfig {
  const config = new KubeConfig()
  config.loadFromClusterAndUser({ name: 'fake', server, skipTLSVerify: true }, { name: 'tocsin', token })
  return config
}
