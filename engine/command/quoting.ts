/** One word of a command line, whatever is in it. */
export function quoted(word: string): string {
  return /[\s"\\]/u.test(word) ? `"${word.replaceAll(/["\\]/g, String.raw`\$&`)}"` : word
}

export function unquoted(word: string): string {
  const inside = /^"((?:\\.|[^"\\])*)"?$/su.exec(word)?.[1]
  return inside === undefined ? word : inside.replaceAll(/\\(.)/gsu, '$1')
}
