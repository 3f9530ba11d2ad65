import { isComplete, type Completion } from '#engine/command/complete.ts'

/** A command line with completion and history, as in a shell. */
export interface LineState {
  readonly text: string
  /** The chosen completion; -1 when none is. */
  readonly chosen: number
  /** Esc closed the completions until something is typed. */
  readonly isDismissed: boolean
  /** How many lines back in the history; 0 is the line being typed. */
  readonly back: number
}

export interface Surroundings {
  readonly completions: readonly Completion[]
  /** Lines sent earlier, newest last. */
  readonly earlier: readonly string[]
}

export interface Pressed {
  readonly state: LineState
  readonly sent?: string
}

export const emptyLine: LineState = { text: '', chosen: -1, isDismissed: false, back: 0 }

export function offersCompletions({ text, isDismissed }: LineState): boolean {
  return !isDismissed && text.trim() !== ''
}

export function typed(text: string): LineState {
  return { ...emptyLine, text }
}

/** What a key does to the line; undefined where the key keeps its ordinary meaning. */
export function press(key: string, state: LineState, around: Surroundings): Pressed | undefined {
  return keys[key]?.(state, around)
}

export function send({ text }: LineState): Pressed | undefined {
  const line = text.trim()
  return line === '' ? undefined : { state: emptyLine, sent: line }
}

type Key = (state: LineState, around: Surroundings) => Pressed | undefined

const keys: Readonly<Record<string, Key>> = {
  /** A line that can stand is sent as typed; only an unfinished one takes the suggestion first. */
  Enter: (state, { completions }) => {
    const suggestion = completions[state.chosen] ?? (isComplete(state.text) ? undefined : completions[0])
    return suggestion ? { state: typed(suggestion.line) } : send(state)
  },
  Tab: (state, { completions }) => {
    const suggestion = completions[Math.max(state.chosen, 0)]
    return suggestion && { state: typed(suggestion.line) }
  },
  Escape: (state, { completions }) => {
    if (completions.length > 0) return { state: { ...state, chosen: -1, isDismissed: true } }
    return state.text === '' ? undefined : { state: emptyLine }
  },
  ArrowDown: (state, around) => {
    if (around.completions.length > 0) return choose(state, 1, around)
    return state.back > 0 ? recall(state.back - 1, around) : undefined
  },
  ArrowUp: (state, around) => {
    if (around.completions.length > 0) return choose(state, -1, around)
    return state.text === '' || state.back > 0 ? recall(state.back + 1, around) : undefined
  },
}

function choose(state: LineState, step: 1 | -1, { completions: { length } }: Surroundings): Pressed {
  const first = step > 0 ? 0 : length - 1
  return {
    state: { ...state, chosen: state.chosen === -1 ? first : (state.chosen + step + length) % length },
  }
}

function recall(back: number, { earlier }: Surroundings): Pressed | undefined {
  if (back === 0) return { state: emptyLine }
  const text = earlier.at(-back)
  return text === undefined ? undefined : { state: { text, chosen: -1, isDismissed: true, back } }
}
