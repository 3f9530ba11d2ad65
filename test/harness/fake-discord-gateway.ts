import type { Server } from 'node:http'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'

type Json = Record<string, unknown>

const op = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  resume: 6,
  reconnect: 7,
  invalid: 9,
  hello: 10,
  acknowledge: 11,
}
/** GUILD_MEMBERS, GUILD_PRESENCES and MESSAGE_CONTENT need an approval this app does not have. */
const privilegedIntents = (1 << 1) | (1 << 8) | (1 << 15)

interface Session {
  readonly id: string
  sequence: number
  /** Everything dispatched, so that a resumed connection misses nothing. */
  readonly sent: Json[]
  socket: WebSocket | undefined
}

export interface FakeGateway {
  /** What the app asked for in its IDENTIFY calls. */
  readonly intents: readonly number[]
  readonly resumes: number
  dispatch(event: string, data: Json): void
  /** Op 7: the app is asked to come back and resume. */
  askToReconnect(): void
  /** Op 9: the session is lost, the app has to identify anew. */
  invalidateSession(): void
  /** The line is cut with this close code. */
  cut(code: number): void
  /** Every IDENTIFY is answered by a close with this code. */
  turnAwayWith(code: number): void
  close(): void
}

export interface GatewaySettings {
  readonly token: string
  readonly url: () => string
  readonly onReady: () => { ready: Json; events: { event: string; data: Json }[] }
}

export function fakeGateway(server: Server, settings: GatewaySettings): FakeGateway {
  const sockets = new WebSocketServer({ server })
  const intents: number[] = []
  let resumes = 0
  let turnedAwayWith: number | undefined
  let session: Session | undefined

  function dispatch(event: string, data: Json): void {
    if (!session) return
    session.sequence += 1
    const packet = { op: op.dispatch, t: event, s: session.sequence, d: data }
    session.sent.push(packet)
    write(session.socket, packet)
  }

  function identify(socket: WebSocket, data: Json): void {
    const asked = Number(data['intents'])
    intents.push(asked)
    if (turnedAwayWith !== undefined) return socket.close(turnedAwayWith)
    if (data['token'] !== settings.token) return socket.close(4004, 'Authentication failed.')
    if ((asked & privilegedIntents) > 0) return socket.close(4014, 'Disallowed intent(s).')
    session = { id: `session-${intents.length}`, sequence: 0, sent: [], socket }
    const { ready, events } = settings.onReady()
    dispatch('READY', { ...ready, session_id: session.id, resume_gateway_url: settings.url(), v: 10 })
    for (const { event, data } of events) dispatch(event, data)
  }

  function resume(socket: WebSocket, data: Json): void {
    if (!session || session.id !== data['session_id']) return write(socket, { op: op.invalid, d: false })
    resumes += 1
    session.socket = socket
    for (const packet of session.sent.filter(({ s }) => Number(s) > Number(data['seq'])))
      write(socket, packet)
    dispatch('RESUMED', {})
  }

  function hear(socket: WebSocket, raw: RawData): void {
    const packet = JSON.parse((raw as Buffer).toString('utf8')) as { op: number; d: Json }
    if (packet.op === op.heartbeat) write(socket, { op: op.acknowledge })
    if (packet.op === op.identify) identify(socket, packet.d)
    if (packet.op === op.resume) resume(socket, packet.d)
  }

  sockets.on('connection', (socket) => {
    socket.on('message', (raw) => hear(socket, raw))
    socket.on('close', () => {
      if (session?.socket === socket) session.socket = undefined
    })
    write(socket, { op: op.hello, d: { heartbeat_interval: 2000 } })
  })

  return {
    intents,
    dispatch,
    get resumes() {
      return resumes
    },
    turnAwayWith: (code) => {
      turnedAwayWith = code
    },
    askToReconnect: () => write(session?.socket, { op: op.reconnect, d: null }),
    invalidateSession: () => {
      const socket = session?.socket
      session = undefined
      write(socket, { op: op.invalid, d: false })
    },
    cut: (code) => session?.socket?.close(code),
    close: () => {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    },
  }
}

function write(socket: WebSocket | undefined, packet: Json): void {
  socket?.send(JSON.stringify(packet))
}
