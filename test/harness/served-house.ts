import pino from 'pino'
import { openServer } from '#bot/api/server.ts'
import { type Reply, send } from './send.ts'
import { type House, type HouseOptions, startHouse } from './start-house.ts'

/** The real house with its HTTP door open on a port of its own. */
export interface ServedHouse extends House {
  readonly url: string
  post(path: string, body: unknown, type?: string): Promise<Reply>
  put(path: string, body: unknown): Promise<Reply>
  patch(path: string, body: unknown, type?: string): Promise<Reply>
  get(path: string): Promise<Reply>
  remove(path: string): Promise<Reply>
}

export async function serveHouse(options: HouseOptions = {}): Promise<ServedHouse> {
  const house = await startHouse(options)
  const server = await openServer({
    desk: house.desk,
    log: pino({ level: 'silent' }),
    access: { kind: 'loopback' },
  })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  return {
    ...house,
    url,
    post: (path, body, type = 'application/json') => send('POST', url + path, { body, type }),
    put: (path, body) => send('PUT', url + path, { body }),
    patch: (path, body, type = 'application/json') => send('PATCH', url + path, { body, type }),
    get: (path) => send('GET', url + path),
    remove: (path) => send('DELETE', url + path),
    close: async () => {
      await server.close()
      await house.close()
    },
  }
}
