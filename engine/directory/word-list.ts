import { unquoted } from '#engine/command/quoting.ts'

/** Names, and patterns that stand between slashes. */
export interface WordList {
  readonly names: readonly string[]
  readonly patterns: readonly string[]
}

const entry = /"(?:\\.|[^"\\])*"|\/(?:\\.|[^/\\])+\/(?=[\s,]|$)|[^\s,]+/gsu

/** `db-1, /^web-/ "with a space"` → names and patterns; commas and spaces part them. */
export function readWordList(text: string): WordList {
  const entries = [...text.matchAll(entry)].map(([word]) => word)
  const isPattern = (word: string) => word.length > 2 && word.startsWith('/') && word.endsWith('/')
  return {
    names: entries.filter((word) => !isPattern(word)).map(unquoted),
    patterns: entries.filter(isPattern).map((word) => word.slice(1, -1)),
  }
}
