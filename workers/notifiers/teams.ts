import { fetch } from 'undici'
import type { Response } from 'undici'
import { z } from 'zod'
import type { Line, Message } from '#engine/message/message.ts'
import { plainLine } from '#engine/message/plain.ts'
import { plainWords } from '#engine/message/teams-text.ts'
import { renderTeams, teamsSummary } from '#engine/message/teams.ts'
import type { Fault } from '#engine/notify/fault.ts'
import { noteAnswer } from './answered.ts'
import { DeliveryError } from './notifier.ts'
import type { Address, Notifier, Receipt } from './notifier.ts'
import { checkedService, isLoopback } from './teams-service.ts'
import { teamsToken } from './teams-token.ts'
import type { TeamsIdentity, TeamsToken } from './teams-token.ts'

export interface TeamsNotifierSettings extends TeamsIdentity {
  /** Development only: no token is asked for, and only this machine is written to. */
  readonly anonymousOnLoopback: boolean
  /** Origins allowed beside the Connector's own, e.g. `https://connector.example`. */
  readonly serviceOrigins?: readonly string[]
}

const timeoutMs = 15_000
const posted = z.object({ id: z.string().min(1) })

/** Plain REST of the Bot Connector (https://learn.microsoft.com/azure/bot-service/rest-api), without the bot's SDK. */
export function teamsNotifier(settings: TeamsNotifierSettings): Notifier {
  const call = connectorCalls(settings)
  return {
    async post(address, message) {
      const toast = { channelData: { notification: { alert: true } } }
      return { ...address, activity: await create(call, address, { ...cardActivity(message), ...toast }) }
    },
    async update(receipt, message) {
      const { activity = '' } = receipt
      await call('PUT', receipt, { ...cardActivity(message), id: activity })
      return undefined
    },
    async reply(receipt, line) {
      await create(call, inThread(receipt), textActivity(line))
    },
  }
}

/** Never text beside the card: Teams would make two messages of it and tell us the id of neither. */
function cardActivity(message: Message) {
  const content = renderTeams(message)
  return {
    type: 'message',
    summary: teamsSummary(message),
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  }
}

function textActivity(line: Line) {
  return { type: 'message', textFormat: 'plain', text: plainWords(plainLine(line), 1000) }
}

/** Only channels have threads; in a chat the line is simply the next message. */
function inThread(receipt: Receipt): Address {
  const { conversation = '', kind, activity = '' } = receipt
  return kind === 'channel' ? { ...receipt, conversation: `${conversation};messageid=${activity}` } : receipt
}

type Call = (method: 'POST' | 'PUT', where: Address, activity: { readonly id?: string }) => Promise<Response>

async function create(call: Call, where: Address, activity: object): Promise<string> {
  const response = await call('POST', where, activity)
  const id = posted.safeParse(await response.json().catch(() => undefined)).data?.id
  if (id) return id
  throw new DeliveryError('Teams took the message but did not say its id, so it cannot be edited', {
    retry: 'never',
  })
}

function connectorCalls(settings: TeamsNotifierSettings): Call {
  const isAnonymous = settings.appId === '' && settings.anonymousOnLoopback
  const token = teamsToken(settings)
  const mayCall = (url: URL) =>
    isAnonymous ? isLoopback(url) : !!settings.serviceOrigins?.includes(url.origin)
  return async (method, where, activity) => {
    const { serviceUrl = '', conversation = '', bot = '' } = where
    const path = ['v3', 'conversations', conversation, 'activities', ...(activity.id ? [activity.id] : [])]
    const url = `${checkedService(serviceUrl, mayCall)}/${path.map(encodeURIComponent).join('/')}`
    const body = JSON.stringify({ ...activity, from: { id: bot } })
    const response = await send({ url, method, body }, isAnonymous ? undefined : token)
    if (response.ok) return response
    throw await refusal(response)
  }
}

interface Request {
  readonly url: string
  readonly method: string
  readonly body: string
}

/** A refused token may just have been withdrawn early: a new one is tried once. */
async function send(request: Request, token: TeamsToken | undefined): Promise<Response> {
  const first = await sendOnce(request, token)
  if (first.status !== 401 || !token) return first
  await first.body?.cancel()
  token.discard()
  return sendOnce(request, token)
}

async function sendOnce({ url, method, body }: Request, token: TeamsToken | undefined): Promise<Response> {
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    ...(token ? { authorization: `Bearer ${await token.current()}` } : {}),
  }
  const signal = AbortSignal.timeout(timeoutMs)
  const sent = fetch(url, { method, headers, body, redirect: 'error', signal })
  const response = await sent.catch((cause: unknown) => {
    throw new DeliveryError('Teams could not be reached', { retry: 'later', cause })
  })
  noteAnswer({ status: response.status })
  return response
}

/** Teams asks for another try after exactly these (and 5xx in general); 412 is two edits of one message at once. */
async function refusal(response: Response): Promise<DeliveryError> {
  const { status, headers } = response
  const body: unknown = await response.json().catch(() => undefined)
  const code = errorBody.safeParse(body).data?.error.code ?? 'no reason given'
  const message = `Teams answered HTTP ${status}, ${code}${hints[status] ?? ''}`
  if (status !== 412 && status !== 429 && status < 500)
    return new DeliveryError(message, { retry: 'never', status, fault: faultOf(status, code) })
  const afterMs = retryAfterMs(headers.get('retry-after'))
  return new DeliveryError(message, { retry: 'later', status, ...(afterMs === undefined ? {} : { afterMs }) })
}

/** A message that was deleted answers 404 too; its conversation goes on. */
function faultOf(status: number, code: string): Fault {
  if (status === 401 || status === 403) return 'auth'
  return code === 'ConversationNotFound' ? 'gone' : 'client'
}

const errorBody = z.object({ error: z.object({ code: z.string().max(80) }) })

const hints: Readonly<Record<number, string>> = {
  401: '. Check the app id and its secret.',
  403: '. The app may have been removed from the conversation; install it there again.',
  404: '. The conversation or the message is gone.',
  413: '. The message is too large.',
}

function retryAfterMs(header: string | null): number | undefined {
  const seconds = Number(header)
  return header !== null && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
}
