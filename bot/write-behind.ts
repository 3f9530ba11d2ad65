interface WriteBehindOptions {
  readonly gatherMs: number
  /** Writes down, and forgets, what has come together until now. */
  readonly write: () => Promise<void>
  readonly onError: (error: unknown) => void
}

/** What nobody waits for is gathered for a moment, and then written down in one go. */
export interface WriteBehind {
  /** There is something to be written. */
  readonly stir: () => void
  /** Writes down what has come together. */
  readonly flush: () => Promise<void>
}

/** One write at a time: what comes while a slow database takes the one before goes together with the next. */
export function openWriteBehind({ gatherMs, write, onError }: WriteBehindOptions): WriteBehind {
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(write).catch(onError)
    return writing
  }

  return { stir: () => void (timer ??= setTimeout(() => void flush(), gatherMs).unref()), flush }
}
