/** PostgreSQL keeps no NUL, and neither it nor JSON on the wire keeps half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

/** What is left of a text once that is gone. */
export function makeStorable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}

/** Where in something that people wrote a text is that cannot be kept; its keys count too. */
export function unstorablePaths(value: unknown): string[][] {
  if (typeof value === 'string') return isStorable(value) ? [] : [[]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) =>
    isStorable(key) ? unstorablePaths(part).map((path) => [key, ...path]) : [[]],
  )
}
