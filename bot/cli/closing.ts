export interface Closing {
  /** True from the moment somebody asked to close. */
  readonly isClosing: () => boolean
  /** Closed in the opposite order of opening. */
  add(name: string, close: () => Promise<void> | void): void
  close(): Promise<void>
}

/** Last opened, first closed; one that fails does not keep the others open. */
export function closingStack(onError: (name: string, error: unknown) => void): Closing {
  const stack: { name: string; close: () => Promise<void> | void }[] = []
  let closing: Promise<void> | undefined
  const closeAll = async () => {
    for (let last = stack.pop(); last; last = stack.pop()) {
      try {
        await last.close()
      } catch (error) {
        onError(last.name, error)
      }
    }
  }
  return {
    isClosing: () => closing !== undefined,
    add: (name, close) => void stack.push({ name, close }),
    close: () => (closing ??= closeAll()),
  }
}
