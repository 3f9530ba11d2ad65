import { type AddressInfo, type Socket, connect, createServer } from 'node:net'

/** Where the wire is cut, counted in requests that end in an answer from the server. */
export interface Fatality {
  readonly request: number
  /** `before`: the server never hears of it. `after`: it hears and acts, and nobody hears the answer. */
  readonly when: 'before' | 'after'
}

const sync = 'S'.charCodeAt(0)
const simpleQuery = 'Q'.charCodeAt(0)

/**
 * A wire to PostgreSQL for somebody who is killed at one request. The server sees him gone; he himself hears nothing any
 * more, for ever, as the dead do: what his client would do about a broken connection is another question.
 */
export async function fatalLink(target: URL, fatality: Fatality) {
  const { promise: death, resolve: die } = Promise.withResolvers<void>()
  const far = new Set<Socket>()
  let requests = 0
  let isCut = false
  let isFatal = false
  const cut = () => {
    isCut = true
    for (const socket of far) socket.destroy()
    die()
  }
  const server = createServer((near) => {
    near.unref()
    near.setNoDelay()
    near.on('error', () => near.destroy())
    if (isCut) return
    const server = connect({ host: target.hostname, port: Number(target.port) })
    far.add(server)
    server.setNoDelay()
    server.on('error', () => server.destroy())
    near.on('close', () => server.destroy())
    const read = messageReader()
    near.on('data', (chunk) => {
      for (const message of read(chunk)) {
        if (isFatal) return
        const isRequest = message.type === sync || message.type === simpleQuery
        if (isRequest) requests++
        isFatal = isRequest && requests === fatality.request
        if (isFatal && fatality.when === 'before') return cut()
        server.write(message.bytes)
        if (isFatal) server.once('data', cut)
      }
    })
    server.on('data', (chunk) => {
      if (!isCut) near.write(chunk)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  const url = new URL(target)
  url.port = String((server.address() as AddressInfo).port)
  return { url: url.href, wasCut: () => isCut, death }
}

interface WireMessage {
  /** 0 = the first of a connection, which has no type. */
  readonly type: number
  readonly bytes: Buffer
}

/** Chunks in, whole messages out: one byte of type and four of length, which counts itself. */
function messageReader(): (chunk: Buffer) => WireMessage[] {
  let rest = Buffer.alloc(0)
  let isFirst = true
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    const whole: WireMessage[] = []
    for (;;) {
      const head = isFirst ? 0 : 1
      if (rest.length < head + 4) return whole
      const length = head + rest.readInt32BE(head)
      if (rest.length < length) return whole
      whole.push({ type: isFirst ? 0 : (rest[0] ?? 0), bytes: rest.subarray(0, length) })
      rest = rest.subarray(length)
      isFirst = false
    }
  }
}
