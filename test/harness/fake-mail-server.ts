import type { AddressInfo, Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { readMail, type ReadMail } from './read-mail.ts'

interface TakenMail extends ReadMail {
  /** Whom the envelope named, and who took it. */
  readonly to: readonly string[]
  readonly from: string
  readonly wasEncrypted: boolean
}

export interface FakeMailServer {
  readonly port: number
  readonly mails: TakenMail[]
  /** Connections: that were made, that are open, and the most that were open at a time. */
  readonly visits: { made: number; open: number; most: number }
  /** What becomes of the next mails, first come first served: a reply such as 451, or a line that goes dead. */
  readonly next: (number | 'hang up')[]
  /** Addresses it will not take, each with its reply. */
  readonly refuses: Map<string, number>
  readonly close: () => Promise<void>
}

/** A real mail server on loopback. `user`: whom it asks for; without one anybody may send. */
export async function openFakeMailServer(
  options: { readonly user?: string; readonly password?: string } & Pick<
    SMTPServerOptions,
    'secure' | 'key' | 'cert' | 'disabledCommands'
  > = {},
): Promise<FakeMailServer> {
  const { user, password, ...tls } = options
  const server = new SMTPServer({
    ...tls,
    size: 1024 * 1024,
    authOptional: user === undefined,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    logger: false,
    onAuth: (given, _session, done) => {
      if (given.username === user && given.password === password) return done(null, { user })
      done(replied(535, 'Authentication failed'))
    },
    onRcptTo: ({ address }, _session, done) => {
      const reply = fake.refuses.get(address)
      done(reply === undefined ? null : replied(reply, 'No such mailbox'))
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const trouble = fake.next.shift()
        if (typeof trouble === 'number') return done(replied(trouble, 'Not now'))
        if (trouble === 'hang up') return hangUp()
        const { mailFrom, rcptTo } = session.envelope
        fake.mails.push({
          ...readMail(Buffer.concat(chunks).toString('utf8')),
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          wasEncrypted: session.secure,
        })
        done()
      })
    },
  })
  server.on('error', () => undefined)
  const sockets = new Set<Socket>()
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    fake.visits.made += 1
    fake.visits.open += 1
    fake.visits.most = Math.max(fake.visits.most, fake.visits.open)
    socket.once('close', () => (fake.visits.open -= 1))
  })
  const hangUp = () => {
    for (const socket of sockets) socket.destroy()
  }
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.server.address() as AddressInfo
  const fake: FakeMailServer = {
    port,
    mails: [],
    visits: { made: 0, open: 0, most: 0 },
    next: [],
    refuses: new Map(),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        hangUp()
      }),
  }
  return fake
}

function replied(responseCode: number, why: string): Error {
  return Object.assign(new Error(why), { responseCode })
}
