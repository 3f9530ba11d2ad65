import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'

const lowestPort = 15_432
const highestPort = 32_767

export async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen({ host: '127.0.0.1', port, exclusive: true })
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

/** A free port that the kernel will not hand to an outgoing connection while the server is down. */
export async function chooseFreePort(): Promise<number> {
  const limit = Math.min(await readEphemeralStart(), highestPort + 1)
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = randomInt(lowestPort, limit > lowestPort ? limit : highestPort + 1)
    if (await isFree(port)) return port
  }
  throw new Error(
    `Found no free port on 127.0.0.1 for the embedded database (tried 50 between ${lowestPort} and ${limit}). ` +
      'Free one, or set DATABASE_URL.',
  )
}

async function readEphemeralStart(): Promise<number> {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '')
  return Number.parseInt(range, 10) || highestPort + 1
}
