/** What is wrong with a value somebody sent, as the rest of a sentence that begins with the name of its field. */
export type ProblemOf = (value: unknown) => string | undefined

/** Databases cannot store NUL, and a lone surrogate is no character: both are refused at the door. */
export function plainTextProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a string.'
  if (value.includes('\0')) return 'must not contain the character NUL (\\u0000).'
  if (!value.isWellFormed()) return 'must not contain half of a surrogate pair (\\ud800 to \\udfff alone).'
  return undefined
}

export function oneOfProblem(allowed: readonly string[]): ProblemOf {
  const known = new Set(allowed)
  return (value) => {
    if (typeof value === 'string' && known.has(value.toLowerCase())) return undefined
    return `must be one of ${allowed.join(', ')}${typeof value === 'string' ? `; found ${quote(value)}` : ''}.`
  }
}

/** An integer, or a string of digits, as Flapjack takes numbers. */
export function digitsProblem(largest: number): ProblemOf {
  return (value) => {
    const isInteger =
      typeof value === 'number' ? Number.isInteger(value) : typeof value === 'string' && /^\d+$/.test(value)
    if (!isInteger) return 'must be an integer or a string of digits.'
    return Math.abs(Number(value)) > largest ? `must be at most ${largest}.` : undefined
  }
}

/** Somebody else's text inside our sentence: cut short, and escaped so that it cannot pretend to be more. */
export function quote(text: string, longest = 60): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text
  return JSON.stringify(cut)
}
