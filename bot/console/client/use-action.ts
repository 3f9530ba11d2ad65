import { useEffect, useRef, useState } from 'react'
import type { LocalMessage } from '#bot/console/local-chat.ts'
import type { Answer } from '#engine/command/answer.ts'
import { changesSomething } from './changes-something.ts'

/** An edit usually follows a click within a moment; after this long the buttons come back without it. */
const patienceMs = 4000

export interface ActionState {
  readonly isBusy: boolean
  readonly refusal: string | undefined
  readonly run: (command: string) => void
  readonly forget: () => void
}

/**
 * One click at a time. A change to a living message is shown by the edit that everybody sees, so such a click is
 * over when its `edition` changes; only a refusal is told right here.
 */
export function useAction(act: (command: string) => Promise<Answer>, edition?: LocalMessage): ActionState {
  const [isBusy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string>()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const settle = () => {
    clearTimeout(timer.current)
    setBusy(false)
  }
  useEffect(() => settle, [edition])

  const run = async (command: string): Promise<void> => {
    setBusy(true)
    setRefusal(undefined)
    timer.current = setTimeout(settle, patienceMs)
    const answer = await act(command)
    if (answer.kind === 'message' && edition !== undefined && changesSomething(command)) return
    if (answer.kind === 'refused') setRefusal(answer.because)
    settle()
  }
  return { isBusy, refusal, run: (command) => void run(command), forget: () => setRefusal(undefined) }
}
