export interface ReadMail {
  /** By name in lower case, unfolded and decoded; of several of one name the last. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly html: string
  readonly raw: string
}

/** As much of MIME as our own mails use: multipart/alternative, base64 and quoted-printable, encoded words. */
export function readMail(raw: string): ReadMail {
  const { headers, body } = splitPart(raw)
  const boundary = /boundary="([^"]+)"/.exec(headers['content-type'] ?? '')?.[1] ?? ''
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => splitPart(part.replace(/^\r?\n/, '')))
  const content = (type: string) => {
    const part = parts.find((one) => one.headers['content-type']?.startsWith(type))
    return part ? decoded(part.body, part.headers['content-transfer-encoding'] ?? '') : ''
  }
  return { headers, text: content('text/plain'), html: content('text/html'), raw }
}

function splitPart(part: string): { headers: Record<string, string>; body: string } {
  const at = part.search(/\r?\n\r?\n/)
  const head = part.slice(0, at).replaceAll(/\r?\n[ \t]+/g, ' ')
  const headers = head.split(/\r?\n/).map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), decodedWords(line.slice(colon + 1).trim())] as const
  })
  return { headers: Object.fromEntries(headers), body: part.slice(at).replace(/^(\r?\n){2}/, '') }
}

function decoded(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  if (encoding !== 'quoted-printable') return body.replace(/\r?\n$/, '')
  return bytesOf(body.replaceAll(/=\r?\n/g, '')).replace(/\r?\n$/, '')
}

function bytesOf(text: string): string {
  const latin = text.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCodePoint(parseInt(hex, 16)),
  )
  return Buffer.from(latin, 'latin1').toString('utf8')
}

function decodedWords(value: string): string {
  return value
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(word, 'base64').toString('utf8')
        : bytesOf(word.replaceAll('_', ' ')),
    )
}
