import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Memory } from '#db/client.ts'
import { openFlapjackServer, openServer } from './api/server.ts'
import type { Access } from './console/access.ts'
import { consoleDoor } from './console/door.ts'
import type { Desk } from './desk.ts'
import { type ChatSettings, openChats } from './chats.ts'
import { houseFront } from './house-front.ts'
import { localPlace } from './local-place.ts'
import { startPulse } from './pulse.ts'
import { openLocalChat } from './local-stream.ts'

export interface BotOptions {
  readonly desk: Desk
  readonly memory: Memory
  readonly log: Logger
  readonly host: string
  readonly port: number
  /** Where Flapjack's JSON API is at the root; without one it is below `/flapjack` alone. */
  readonly flapjackPort?: number | undefined
  readonly publicUrl?: string | undefined
  readonly access: Access
  /** Sites whose pages may use Alertmanager's API from a browser. */
  readonly origins?: ReadonlySet<string> | undefined
  /** The folder of the built page. */
  readonly page: string
  readonly chats: ChatSettings
}

export interface Bot {
  /** Where the local chat is, e.g. `http://127.0.0.1:3000`. */
  readonly url: string
  /** The other chats that are open, in words. */
  readonly chats: readonly string[]
  close(): Promise<void>
}

/** Opens every door: HTTP, the local chat, and the chats the settings name. */
export async function startBot(options: BotOptions): Promise<Bot> {
  const { desk, memory, log, access, publicUrl, origins, page } = options
  const front = houseFront(desk)
  const app = await openServer({ desk, log, access, publicUrl, origins })
  const chat = await openLocalChat(memory, log)
  consoleDoor(app, { front, chat, page, access, ...(publicUrl !== undefined && { publicUrl }) })
  await front.rememberPlace(localPlace)
  const chats = await openChats(app, options.chats, front)
  const pulse = await startPulse(desk)
  const url = await listen(app, options, 'PORT')
  const flapjack = await openFlapjackPort(options)
  return {
    url,
    chats: chats.names,
    close: async () => {
      pulse.close()
      await chats.close()
      await flapjack?.close()
      await app.close()
      await chat.close()
    },
  }
}

async function openFlapjackPort({
  flapjackPort: port,
  host,
  ...options
}: BotOptions): Promise<FastifyInstance | undefined> {
  if (port === undefined) return undefined
  const app = openFlapjackServer(options)
  await listen(app, { host, port }, 'FLAPJACK_API_PORT')
  return app
}

async function listen(
  app: FastifyInstance,
  { host, port }: Pick<BotOptions, 'host' | 'port'>,
  variable: string,
): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE')
      throw new Error(`port ${port} is taken. Stop what uses it, or set ${variable} to another one.`, {
        cause: error,
      })
    if (code === 'EACCES')
      throw new Error(`port ${port} may not be opened by this user. Set ${variable} to one above 1023.`, {
        cause: error,
      })
    throw error
  }
}
