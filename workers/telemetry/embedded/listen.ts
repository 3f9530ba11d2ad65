import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'

/** Below the range systems hand out for outgoing connections, so that a chosen port is still free after a restart. */
const portRange = { from: 20_000, to: 32_000 }

/** Listens on loopback, on the port asked for where it is free, and returns the port. */
export async function listenOnLoopback(server: Server, preferred: number | undefined): Promise<number> {
  const others = Array.from({ length: 20 }, () => randomInt(portRange.from, portRange.to))
  for (const port of preferred === undefined ? others : [preferred, ...others]) {
    if (await canListen(server, port)) return port
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function canListen(server: Server, port: number): Promise<boolean> {
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false
  }
}
