/** Says what went wrong with a connection, without ever saying how to log in to it. */
export interface ErrorTeller {
  /** One line. */
  readonly describe: (error: unknown) => string
  readonly report: (error: unknown, where: string) => void
}

const silenceMs = 5000

/**
 * Everything that reports shares a few connections, so one outage is told many times over: each message passes
 * once in five seconds. A fresh Error is handed on, because drivers hang credentials on theirs (the arguments of a
 * refused AUTH, the options of a connection).
 */
export function errorTeller(
  onError: (error: Error, where: string) => void,
  urls: readonly string[],
): ErrorTeller {
  const secrets = urls.flatMap(secretsOf)
  const describe = (error: unknown) =>
    secrets.reduce((line, secret) => line.replaceAll(secret, '***'), plainLine(error))
  const toldAt = new Map<string, number>()
  return {
    describe,
    report(error, where) {
      const message = describe(error)
      const now = Date.now()
      for (const [told, at] of toldAt) if (now - at >= silenceMs) toldAt.delete(told)
      if (toldAt.has(message)) return
      toldAt.set(message, now)
      onError(new Error(message), where)
    },
  }
}

function plainLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // A name with several addresses fails as one AggregateError whose own message is empty.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(plainLine).join('; ')
  return error.message || error.name
}

function secretsOf(url: string): string[] {
  const password = URL.parse(url)?.password ?? ''
  return password === '' ? [] : [url, password, decoded(password)]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Where a URL leads, fit for a message. */
export function addressOf(url: string, defaultPort: number): string {
  const parsed = URL.parse(url)
  if (parsed === null) return 'an address that cannot be read'
  return `${parsed.hostname || 'localhost'}:${parsed.port || defaultPort}`
}
