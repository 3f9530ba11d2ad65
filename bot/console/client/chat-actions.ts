import type { Answer } from '#engine/command/answer.ts'
import type { Form } from '#engine/view/form.ts'
import { changesSomething } from './changes-something.ts'
import { becauseOf, isSignedOut, say } from './server.ts'
import { serverNow } from './server-clock.ts'
import type { Happening, Whisper } from './timeline.ts'

/** What one can do here; made once, so that cards which did not change need not be drawn again. */
export interface ChatActions {
  /** A typed line: always answered where it was asked. */
  readonly send: (line: string) => void
  /** A click on a living message: its edit is the answer, unless it is refused or asks something back. */
  readonly act: (command: string) => Promise<Answer>
  readonly actIn: (whisper: Whisper, command: string) => Promise<Answer>
  readonly answerPrivately: (asked: string, answer: NonNullable<Whisper['answer']>) => void
  readonly dismiss: (key: number) => void
}

export interface ChatEnds {
  readonly tell: (happening: Happening) => void
  readonly showForm: (form: Form) => void
  readonly onSignedOut: () => void
}

export function chatActions({ tell, showForm, onSignedOut }: ChatEnds): ChatActions {
  let nextKey = 1
  const whisper = (asked: string): number => {
    const key = nextKey++
    tell({ kind: 'asked', key, asked, at: serverNow().toISOString() })
    return key
  }
  const ask = async (line: string): Promise<Answer> => {
    try {
      return await say(line)
    } catch (error) {
      if (isSignedOut(error)) onSignedOut()
      return { kind: 'refused', because: becauseOf(error) }
    }
  }
  const show = (key: number, answer: Answer): Answer => {
    if (answer.kind === 'form') {
      showForm(answer.form)
      tell({ kind: 'dismissed', key })
    } else tell({ kind: 'answered', key, answer })
    return answer
  }
  const sendAndWait = async (line: string): Promise<Answer> => show(whisper(line), await ask(line))

  const act = async (command: string): Promise<Answer> => {
    if (!changesSomething(command)) return sendAndWait(command)
    const answer = await ask(command)
    if (answer.kind === 'form') showForm(answer.form)
    return answer
  }
  return {
    send: (line) => void sendAndWait(line),
    act,
    /**
     * A private answer is edited by nobody, so after a change it is asked for again; where it was a change itself the
     * newer answer takes its place. Looking at something else is a new question.
     */
    actIn: async ({ key, asked }, command) => {
      const answer = await act(command)
      if (answer.kind !== 'message' || !changesSomething(command)) return answer
      return show(key, changesSomething(asked) ? answer : await ask(asked))
    },
    answerPrivately: (asked, answer) => tell({ kind: 'answered', key: whisper(asked), answer }),
    dismiss: (key) => tell({ kind: 'dismissed', key }),
  }
}
