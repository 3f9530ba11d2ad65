import { request } from 'node:http'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly json: Record<string, unknown>
  /** `name=value` of the cookie it set. */
  readonly cookie: string | undefined
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Over a real socket, because fetch lets nobody choose Host, Origin or Sec-Fetch-Site. */
export function ask(url: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Reply> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  const type = text === undefined ? {} : { 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { ...type, ...headers } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const isJson = response.headers['content-type']?.startsWith('application/json') ?? false
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
          cookie: response.headers['set-cookie']?.[0]?.split(';')[0],
        })
      })
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(text)
  })
}
