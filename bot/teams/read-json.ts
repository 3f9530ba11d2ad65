import type { IncomingMessage } from 'node:http'
import { Refused } from './refused.ts'

/** Teams' own limit for what it sends is far lower. */
const maxBytes = 256 * 1024

/** Asking for JSON also keeps a web page from posting here on behalf of whoever visits it. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  if (request.method !== 'POST') throw new Refused(405, `${request.method} is not POST`)
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json\b/i.test(type))
    throw new Refused(415, `the body is ${type || 'of no type'}, not JSON`)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new Refused(413, `the body is over ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new Refused(400, 'the body is not JSON')
  }
}
