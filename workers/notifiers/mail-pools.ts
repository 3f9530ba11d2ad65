import { createHash } from 'node:crypto'
import { callbackify } from 'node:util'
import { createTransport, type SendMailOptions, type SMTPPoolOptions } from 'nodemailer'
import type { OpenConnection } from '#engine/connection/connection.ts'
import { type EmailSettings, emailSettings } from '#engine/connection/email.ts'
import type { SocketTo } from '#workers/egress/egress.ts'
import { mailFault } from './mail-fault.ts'
import { openMailSocket } from './mail-socket.ts'
import { DeliveryError } from './notifier.ts'

/** Greeting, encrypting and logging in cost a mail server more than a mail: what was opened for one is kept for the next. */
export interface MailPools {
  /** By the way this connection has now; one that it had before is closed. */
  send(connection: OpenConnection, mail: SendMailOptions): Promise<{ readonly rejected: readonly string[] }>
  /** What is being sent comes to its end. */
  close(): void
}

/** Microsoft 365 takes no more at a time from one mailbox. */
const mostConnections = 3
const mostMailsEach = 100
/** Nothing of a connection, and none of its secrets, is kept for longer than that. */
const idleMs = 30_000
const patienceMs = 15_000
/** For all of it, waiting for its turn too: a lane lasts no longer. */
const longestMs = 18_000

export function openMailPools(socketTo: SocketTo): MailPools {
  const pools = new Map<string, Pool>()
  return {
    send: (connection, mail) => {
      const settings = emailSettings.parse(connection.settings)
      const way = fingerprint(settings, connection)
      const known = pools.get(connection.id)
      if (known?.way === way) return known.send(mail)
      known?.retire()
      const pool = openPool({ socketTo, settings, connection, way }, () => {
        if (pools.get(connection.id) === pool) pools.delete(connection.id)
      })
      pools.set(connection.id, pool)
      return pool.send(mail)
    },
    close: () => {
      for (const pool of pools.values()) pool.retire()
    },
  }
}

/** Of everything that decides where it leads and who logs in there; to whom and from whom a mail goes is said by the mail. */
function fingerprint(settings: EmailSettings, { secrets }: OpenConnection): string {
  const { host, port, security, tls, username } = settings
  const parts = [host, port, security, tls, username, secrets['password'], secrets['clientKey']]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64')
}

interface Pool {
  readonly way: string
  readonly send: (mail: SendMailOptions) => ReturnType<MailPools['send']>
  /** Closed as soon as nothing is being sent. */
  readonly retire: () => void
}

interface Opening {
  readonly socketTo: SocketTo
  readonly settings: EmailSettings
  readonly connection: OpenConnection
  readonly way: string
}

function openPool(opening: Opening, closed: () => void): Pool {
  const transport = openTransport(opening)
  let sending = 0
  let isRetired = false
  let idling: NodeJS.Timeout | undefined
  const close = () => {
    transport.close()
    closed()
  }
  const rest = () => {
    if (sending > 0) return
    if (isRetired) close()
    else idling = setTimeout(close, idleMs).unref()
  }
  return {
    way: opening.way,
    send: async (mail) => {
      clearTimeout(idling)
      sending += 1
      const signal = AbortSignal.timeout(longestMs)
      try {
        return await transport.sendMail({ ...mail, signal })
      } catch (error) {
        throw signal.aborted ? tooLong(error) : mailFault(error)
      } finally {
        sending -= 1
        rest()
      }
    },
    retire: () => {
      if (isRetired) return
      isRetired = true
      clearTimeout(idling)
      rest()
    },
  }
}

function tooLong(cause: unknown): DeliveryError {
  return new DeliveryError('The mail server took too long.', { retry: 'later', fault: 'timeout', cause })
}

function openTransport({ socketTo, settings, connection: { secrets } }: Opening) {
  const { host, security, username, tls } = settings
  const trust = { ...tls, clientKey: secrets['clientKey'] }
  const getSocket = callbackify(async (_options: SMTPPoolOptions) => ({
    connection: await openMailSocket(socketTo, settings, { trust, timeoutMs: patienceMs }),
  }))
  return createTransport({
    pool: true,
    maxConnections: mostConnections,
    maxMessages: mostMailsEach,
    idleTimeout: idleMs,
    // Trying again is the lane's; this is for a connection that ended while nobody used it.
    maxRequeues: 2,
    getSocket,
    host,
    // The way is encrypted already where that is asked for.
    ...(security === 'none' ? { ignoreTLS: true } : { secure: true, secured: true }),
    ...(username !== '' && { auth: { user: username, pass: secrets['password'] ?? '' } }),
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}
