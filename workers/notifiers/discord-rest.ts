import type * as discord from 'discord.js'
import { describeRefusal } from './discord-refusal.ts'
import { DeliveryError } from './notifier.ts'

type Library = typeof discord
type Ask = discord.RESTOptions['makeRequest']

export interface DiscordRest {
  /** Every failure is a DeliveryError; Discord's own error code is read with `discordCode`. */
  send(method: 'post' | 'patch', path: `/${string}`, body: object): Promise<unknown>
  close(): void
}

export const tooManyOldEdits = 30_046
export const unknownMessage = 10_008

const timeoutMs = 10_000
/** A shorter wait is sat out inside the call; a longer one goes back to the queue. */
const longestWaitMs = 2000

/**
 * discord.js' REST client knows Discord's buckets and keeps below them. Its own retries are off: it would repeat a
 * failed post at once, and our queue does it slowly.
 */
export async function openDiscordRest(token: string, apiUrl: string | undefined): Promise<DiscordRest> {
  const library = await import('discord.js')
  const rest = new library.REST({
    version: '10',
    ...(apiUrl !== undefined && { api: apiUrl }),
    retries: 0,
    timeout: timeoutMs,
    rejectOnRateLimit: ({ timeToReset, retryAfter }) => Math.max(timeToReset, retryAfter) > longestWaitMs,
    makeRequest: askShowingOldEdits,
  }).setToken(token)
  let refused: DeliveryError | undefined
  return {
    send: async (method, path, body) => {
      // Asking on with a dead token gets the whole address banned after 10,000 requests.
      if (refused) throw refused
      try {
        return await rest[method](path, { body })
      } catch (error) {
        const failure = readFailure(error, library)
        if (error instanceof library.DiscordAPIError && error.status === 401) refused = failure
        throw failure
      }
    },
    close: () => {
      rest.clearHashSweeper()
      rest.clearHandlerSweeper()
    },
  }
}

/**
 * Too many edits of an old message come as a 429, which the client would sit out and repeat for ever, holding up every
 * other edit of the channel. As a 409 it reaches us for what it is.
 */
const askShowingOldEdits: Ask = async (url, init) => {
  const response = await fetch(url, init as RequestInit)
  if (response.status !== 429) return response as Awaited<ReturnType<Ask>>
  const text = await response.text()
  const isOldEdit = new RegExp(`"code":\\s*${tooManyOldEdits}\\b`).test(text)
  const shown = isOldEdit
    ? new Response(text, { status: 409, headers: { 'content-type': 'application/json' } })
    : new Response(text, { status: 429, headers: response.headers })
  return shown as Awaited<ReturnType<Ask>>
}

/** "Unknown channel", in Discord's JSON error codes. */
const unknownChannel = 10003

function isOfTheToken(status: number): boolean {
  return status === 401 || status === 403
}

function readFailure(error: unknown, { DiscordAPIError, RateLimitError, HTTPError }: Library): DeliveryError {
  if (error instanceof RateLimitError) {
    const afterMs = Math.max(error.timeToReset, error.retryAfter)
    return new DeliveryError('Discord asks us to slow down.', { retry: 'later', afterMs, cause: error })
  }
  if (error instanceof DiscordAPIError) {
    const { status } = error
    const fault = error.code === unknownChannel ? 'gone' : isOfTheToken(status) ? 'auth' : 'client'
    return new DeliveryError(describeRefusal(error), { retry: 'never', fault, status, cause: error })
  }
  const status = error instanceof HTTPError ? error.status : undefined
  const what = status === undefined ? 'could not be reached' : `answered ${status}`
  return new DeliveryError(`Discord ${what}; the message is tried again.`, {
    retry: 'later',
    ...(status !== undefined && { status }),
    cause: error,
  })
}

/** See "JSON Error Codes" in Discord's developer documentation. */
export function discordCode(error: unknown): number | undefined {
  const cause = error instanceof DeliveryError ? error.cause : undefined
  return cause instanceof Error && 'code' in cause ? Number(cause.code) : undefined
}
