import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parentPort } from 'node:worker_threads'
import { monotonicMs } from './clock.ts'
import { type HeardWebhook, readWebhook } from './webhook.ts'

/** What the thread says: where it listens, then what it heard. */
export type ReceiverWord = { readonly port: number } | { readonly heard: readonly HeardWebhook[] }

/** Reading waits for a pause, so that it delays neither the stamp of the next body nor the server that is measured. */
const quietMs = 20
const readAtOnce = 200

const unread: { body: Buffer; atMs: number }[] = []
const say = (word: ReceiverWord) => parentPort?.postMessage(word, [])

const quiet = setTimeout(() => {
  const some = unread.splice(0, readAtOnce)
  if (some.length > 0) say({ heard: some.map(({ body, atMs }) => readWebhook(body.toString(), atMs)) })
  if (unread.length > 0) quiet.refresh()
}, quietMs)

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const atMs = monotonicMs()
    response.writeHead(200, { 'content-length': '0' }).end()
    unread.push({ body: Buffer.concat(chunks), atMs })
    quiet.refresh()
  })
})
server.keepAliveTimeout = 120_000
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  say({ port: (server.address() as AddressInfo).port }),
)
