import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { eventually } from './eventually.ts'

/** The far end of Socket Mode, which can say a thing twice and hang up. */
export async function startSlackSocket() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const connections: WebSocket[] = []
  const acknowledged: string[] = []
  server.on('connection', (socket) => {
    connections.push(socket)
    socket.on('message', (data: Buffer) => acknowledged.push(JSON.parse(data.toString()).envelope_id))
    socket.send(JSON.stringify({ type: 'hello', num_connections: 1 }))
  })
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections,
    /** Delivers a slash command and waits until it was acknowledged. */
    deliver: async (payload: object, envelope = randomUUID()) => {
      const before = acknowledged.length
      connections.at(-1)?.send(JSON.stringify({ envelope_id: envelope, type: 'slash_commands', payload }))
      await eventually('the envelope to be acknowledged', () => acknowledged.length > before)
      return acknowledged.at(-1) === envelope
    },
    close: async () => {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}
