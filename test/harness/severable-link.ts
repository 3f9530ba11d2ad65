import { type AddressInfo, type Socket, connect, createServer } from 'node:net'

/** A loopback wire to a server, to be cut and mended while somebody talks over it. */
export async function severableLink(target: URL) {
  const sockets = new Set<Socket>()
  let cut = false
  const server = createServer((near) => {
    if (cut) return void near.destroy()
    const far = connect({ host: target.hostname, port: Number(target.port) })
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      // What breaks on one side is broken off on the other: that is all a cut wire tells.
      socket.on('error', () => other.destroy())
      socket.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(target)
  url.port = String((server.address() as AddressInfo).port)
  const sever = () => {
    cut = true
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: url.href,
    sever,
    mend: () => {
      cut = false
    },
    close: async () => {
      sever()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
