import { AsyncLocalStorage } from 'node:async_hooks'

/** What a vendor answered, fit for people who may not see its secrets. */
export interface Answered {
  /** HTTP's, where it is HTTP. */
  readonly status?: number
  readonly snippet?: string
}

const calls = new AsyncLocalStorage<{ answered?: Answered }>()

/** Kept with the notification, whatever becomes of it. */
export function noteAnswer(answered: Answered): void {
  const call = calls.getStore()
  if (call) call.answered = answered
}

/** → what was answered last during this call; undefined where its notifier has not said. */
export function listeningToAnswers<T>(run: (answered: () => Answered | undefined) => Promise<T>): Promise<T> {
  const call: { answered?: Answered } = {}
  return calls.run(call, () => run(() => call.answered))
}
