/** Teams asks again after five seconds, twice. */
const keptMs = 20_000
const keptCount = 1000

export type Once = <Answer>(key: string, work: () => Promise<Answer>) => Promise<Answer>

/**
 * Gives a repeated request the answer of the first one, also while that is still being worked on. A failure is not
 * kept: the repetition is then a second chance. The same key always stands for the same kind of work.
 */
export function onceEach(clock: () => Date): Once {
  const answers = new Map<string, { readonly until: number; readonly answer: Promise<unknown> }>()
  const forget = (now: number) => {
    for (const [key, { until }] of answers) {
      if (until > now && answers.size < keptCount) return
      answers.delete(key)
    }
  }
  return <Answer>(key: string, work: () => Promise<Answer>) => {
    const now = clock().getTime()
    forget(now)
    const known = answers.get(key)
    if (known && known.until > now) return known.answer as Promise<Answer>
    const answer = work()
    answers.set(key, { until: now + keptMs, answer })
    answer.catch(() => answers.delete(key))
    return answer
  }
}
