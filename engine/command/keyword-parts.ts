export interface KeywordParts<Keyword extends string> {
  /** Everything before the first keyword. */
  readonly before: readonly string[]
  readonly parts: Readonly<Partial<Record<Keyword, string>>>
}

/** `ada@example.com every 5m` → the words before, and what follows each keyword. Said twice, the last one counts. */
export function keywordParts<Keyword extends string>(
  words: readonly string[],
  keywords: Readonly<Record<string, Keyword>>,
): KeywordParts<Keyword> {
  const places = words.flatMap((word, at) => {
    const lower = word.toLowerCase()
    const keyword = Object.hasOwn(keywords, lower) ? keywords[lower] : undefined
    return keyword === undefined ? [] : [{ keyword, at }]
  })
  const parts: Partial<Record<Keyword, string>> = {}
  for (const [index, { keyword, at }] of places.entries())
    parts[keyword] = words.slice(at + 1, places[index + 1]?.at).join(' ')
  return { before: words.slice(0, places[0]?.at), parts }
}
