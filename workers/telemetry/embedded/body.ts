import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { createGunzip, gzip } from 'node:zlib'
import { promisify } from 'node:util'
import { RequestTooLarge } from './exception.ts'
import { UnsupportedRequest } from './request.ts'

const largestBodyBytes = 64 * 1024 * 1024
const worthCompressingBytes = 1024
const compress = promisify(gzip)

/** The request's text, unpacked. What exceeds the limit is read but not kept, so that the refusal still arrives. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  const chunks: Buffer[] = []
  let size = 0
  const collect = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      size += chunk.length
      if (size <= largestBodyBytes) chunks.push(chunk)
    }
  }
  if (encoding === 'identity') await pipeline(request, collect)
  else if (encoding === 'gzip') await pipeline(request, createGunzip(), collect)
  else throw new UnsupportedRequest(`The embedded ClickHouse reads plain and gzip bodies, not ${encoding}`)
  if (size > largestBodyBytes) {
    throw new RequestTooLarge(
      `The request body has ${size} bytes of ${largestBodyBytes} allowed: insert in smaller batches`,
    )
  }
  return decodeText(Buffer.concat(chunks))
}

export async function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
): Promise<void> {
  const accepted = request.headers['accept-encoding'] ?? ''
  if (bytes.length < worthCompressingBytes || !/\bgzip\b/.test(accepted)) {
    response.end(bytes)
    return
  }
  const packed = await compress(bytes)
  response.setHeader('Content-Encoding', 'gzip')
  response.end(packed)
}

function decodeText(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new UnsupportedRequest('The embedded ClickHouse reads text formats in UTF-8 only', { cause })
  }
}
