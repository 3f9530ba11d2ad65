/** What a long command says, part by part, as it was typed: `team=a for 2h starting 22:00 because of the racks`. */
export interface Clauses {
  /** Everything before the first of the words below. */
  readonly what: string
  readonly for?: string
  readonly until?: string
  readonly starting?: string
  /** Five crontab fields. */
  readonly every?: string
  /** A time zone; only behind `every`. */
  readonly in?: string
  /** The rest of the line. */
  readonly because?: string
}

type Keyword = Exclude<keyof Clauses, 'what'>

const keywords: ReadonlySet<string> = new Set<Keyword>(['for', 'until', 'starting', 'every', 'because'])

/** White space parts them, except inside double quotes. */
const token = /(?:[^\s"]|"(?:\\.|[^"\\])*"?)+/gu

export function wordsOf(text: string): string[] {
  return [...text.matchAll(token)].map(([word]) => word)
}

/** A word said twice counts as it was said last. */
export function readClauses(text: string): Clauses {
  const parts: Partial<Record<keyof Clauses, string[]>> = { what: [] }
  let current: keyof Clauses = 'what'
  for (const word of wordsOf(straightQuotes(text))) {
    const keyword: Keyword | undefined = current === 'because' ? undefined : keywordOf(word, current)
    if (keyword) {
      current = keyword
      parts[keyword] = []
    } else parts[current]?.push(word)
  }
  const said = Object.entries(parts).map(([name, words]) => [name, words.join(' ')])
  return { what: '', ...Object.fromEntries(said) }
}

function keywordOf(word: string, current: keyof Clauses): Keyword | undefined {
  const lower = word.toLowerCase()
  if (lower === 'in' && current === 'every') return 'in'
  return keywords.has(lower) ? (lower as Keyword) : undefined
}

/** What phones make of a quotation mark. */
export function straightQuotes(text: string): string {
  return text.replaceAll(/[\u201c\u201d\u201e\u201f]/g, '"')
}
