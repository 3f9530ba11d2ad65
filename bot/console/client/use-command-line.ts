import { useState, type KeyboardEvent } from 'react'
import type { OpenIncident } from '#bot/console/local-chat.ts'
import { complete, type Completion } from '#engine/command/complete.ts'
import { earlierLines, rememberLine } from './line-history.ts'
import { emptyLine, offersCompletions, press, send, typed, type Pressed } from './line-state.ts'

export interface CommandLineState {
  readonly text: string
  readonly completions: readonly Completion[]
  readonly chosen: number
  readonly type: (text: string) => void
  readonly send: () => void
  readonly onKeyDown: (event: KeyboardEvent) => void
}

export function useCommandLine(
  openIncidents: readonly OpenIncident[],
  onSend: (line: string) => void,
): CommandLineState {
  const [state, setState] = useState(emptyLine)
  const completions = offersCompletions(state) ? complete(state.text, { openIncidents }) : []

  const settle = (pressed: Pressed | undefined): boolean => {
    if (!pressed) return false
    setState(pressed.state)
    if (pressed.sent === undefined) return true
    rememberLine(pressed.sent)
    onSend(pressed.sent)
    return true
  }
  return {
    text: state.text,
    completions,
    chosen: state.chosen,
    type: (text) => setState(typed(text)),
    send: () => void settle(send(state)),
    onKeyDown: (event) => {
      const { nativeEvent, shiftKey, ctrlKey, metaKey, altKey } = event
      if (nativeEvent.isComposing || shiftKey || ctrlKey || metaKey || altKey) return
      if (settle(press(event.key, state, { completions, earlier: earlierLines() }))) event.preventDefault()
    },
  }
}
