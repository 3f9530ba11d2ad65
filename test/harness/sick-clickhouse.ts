import { createServer, type IncomingMessage, request as ask, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** `slow over logs`: it answers, but gives up on whatever reads the logs, as ClickHouse does at its time limit. */
type Ailment = 'well' | 'failing' | 'hanging' | 'slow over logs'

const timeLimit =
  'Code: 159. DB::Exception: Timeout exceeded: elapsed 28 s, maximum: 28 s. (TIMEOUT_EXCEEDED)'

/** ClickHouse's door with somebody ill behind it: hands requests on while it is well, and does not otherwise. */
export async function sickClickHouse(target: string) {
  let ailment: Ailment = 'well'
  const waiting = new Set<ServerResponse>()
  const server = createServer((near, response) => void answer(near, response))
  async function answer(near: IncomingMessage, response: ServerResponse): Promise<void> {
    waiting.add(response)
    response.on('close', () => waiting.delete(response))
    if (ailment === 'hanging') return
    if (ailment === 'failing') return void response.writeHead(500).end('Internal error of a proxy')
    const { method, headers, url = '/' } = near
    const body = await buffer(near).catch(() => undefined)
    if (body === undefined) return void response.destroy()
    if (ailment === 'slow over logs' && body.includes('FROM logs')) {
      return void response.writeHead(408, { 'X-ClickHouse-Exception-Code': 159 }).end(timeLimit)
    }
    const far = ask(new URL(url, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    far.on('error', () => response.destroy())
    far.end(body)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(target)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    become: (next: Ailment) => {
      ailment = next
    },
    close: async () => {
      for (const response of waiting) response.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
