/** For one who waits until something may be different. */
export interface Bell {
  /** There is something new. */
  ring(): void
  /** Nothing is new, but it may go on now. */
  stir(): void
  /** How often it was rung. */
  rings(): number
  /** Resolves when it is rung or stirred next. */
  next(): Promise<void>
}

export function openBell(): Bell {
  let rings = 0
  let { promise, resolve } = Promise.withResolvers<void>()
  const stir = () => {
    resolve()
    ;({ promise, resolve } = Promise.withResolvers<void>())
  }
  return {
    ring: () => {
      rings += 1
      stir()
    },
    stir,
    rings: () => rings,
    next: () => promise,
  }
}
