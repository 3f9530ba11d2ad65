/** PostgreSQL keeps no NUL, and neither it nor JSON on the wire keeps half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

/** What is left of a text once that is gone. */
export function makeStorable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}
