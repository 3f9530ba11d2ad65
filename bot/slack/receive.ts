import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { Front } from '#bot/front.ts'
import { stranger } from '#engine/audit.ts'
import { signatureCheck } from './signature.ts'

export type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** Slack's largest payload is a click that carries its whole message, some 100 kB. */
const largestBody = 1024 * 1024

/**
 * Our own verifier in front of Bolt's: Bolt accepts replays and times from the future, knows one secret only, and
 * stumbles over `; charset=utf-8`. What passes here goes to the receiver whose secret signed it, body in hand.
 */
export function receiveSigned(
  listeners: ReadonlyMap<string, RequestListener>,
  { log, front }: { readonly log: Logger; readonly front: Pick<Front, 'noteRefusal'> },
): Handle {
  const check = signatureCheck([...listeners.keys()])

  return async function handle(request, response) {
    // Known as long as the connection lives.
    const from = stranger(request.socket.remoteAddress)
    const body = await readBody(request)
    if (body === undefined) return refuse(response, 413)
    if (isConnectionTest(request, body)) return refuse(response, 200)
    const verdict = check(request.headers, body)
    if (!verdict.genuine) {
      log.warn({ because: verdict.because }, 'refused a request to the Slack endpoint')
      front.noteRefusal({
        door: 'slack',
        actor: from,
        what: 'a request to the Slack endpoint',
        because: verdict.because,
      })
      return refuse(response, 401)
    }
    request.headers['content-type'] = mediaType(request)
    listeners.get(verdict.secret)?.(Object.assign(request, { rawBody: body }), response)
  }
}

/** Undefined when it is larger than anything Slack sends. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > largestBody) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * Slack now and then tests the certificate with an unsigned `ssl_check=1` and wants a 200; nothing else in such a
 * request is looked at. https://docs.slack.dev/interactivity/implementing-slash-commands
 */
function isConnectionTest(request: IncomingMessage, body: Buffer): boolean {
  if (request.headers['x-slack-signature'] !== undefined || body.length > 4096) return false
  if (mediaType(request) !== 'application/x-www-form-urlencoded') return false
  return new URLSearchParams(body.toString()).get('ssl_check') === '1'
}

function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').replace(/;.*$/su, '').trim().toLowerCase()
}

/** Without a word of why: the reason is for our log, not for whoever is trying. */
function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: 'close' }).end()
}
