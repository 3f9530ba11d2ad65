import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** As it came. */
  readonly body: string
}

export interface HttpReceiver {
  readonly url: string
  readonly port: number
  /** Every request, in the order they came, whatever it was answered. */
  readonly requests: readonly Received[]
  close(): Promise<void>
}

export type Answering = (response: ServerResponse, request: Received, nth: number) => void

const thanks: Answering = (response) => response.writeHead(200).end()

/** Somebody on loopback who takes what connections send, with TLS where there are `tls` options. */
export async function openHttpReceiver(
  answer: Answering = thanks,
  tls?: ServerOptions,
): Promise<HttpReceiver> {
  const requests: Received[] = []
  const listener: Parameters<typeof createServer>[1] = (request, response) => {
    void text(request).then((body) => {
      const { method = '', url: path = '', headers } = request
      const received = { method, path, headers, body }
      requests.push(received)
      answer(response, received, requests.length)
    })
  }
  const server = tls ? createTlsServer(tls, listener) : createServer(listener)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}
