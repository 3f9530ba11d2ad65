export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Undefined where the body is no JSON. */
  readonly body: unknown
}

/** Texts are sent as they are, everything else as JSON. */
export async function send(
  method: string,
  url: string,
  sent: { body?: unknown; type?: string } = {},
): Promise<Reply> {
  const { body, type = 'application/json' } = sent
  const answer = await fetch(url, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, body: parsed(text) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
