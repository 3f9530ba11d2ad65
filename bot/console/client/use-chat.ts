import { useCallback, useEffect, useRef, useState } from 'react'
import type { OpenIncident } from '#bot/console/local-chat.ts'
import type { Answer } from '#engine/command/answer.ts'
import type { Form } from '#engine/view/form.ts'
import { changesSomething } from './changes-something.ts'
import { becauseOf, isSignedOut, loadIncidents, loadMessages, say } from './server.ts'
import { firingFirst } from './summary.ts'
import { serverNow } from './server-clock.ts'
import type { Timeline, Whisper } from './timeline.ts'
import { useTimeline, type Connection } from './use-timeline.ts'

export interface Chat {
  readonly timeline: Timeline
  readonly connection: Connection
  readonly incidents: readonly OpenIncident[]
  readonly form: Form | undefined
  readonly showForm: (form: Form | undefined) => void
  /** A typed line: always answered where it was asked. */
  readonly send: (line: string) => void
  /** A click on a living message: its edit is the answer, unless it is refused or asks something back. */
  readonly act: (command: string) => Promise<Answer>
  readonly actIn: (whisper: Whisper, command: string) => Promise<Answer>
  readonly answerPrivately: (asked: string, answer: NonNullable<Whisper['answer']>) => void
  readonly dismiss: (key: number) => void
  readonly showEarlier: () => Promise<void>
}

export function useChat(onSignedOut: () => void): Chat {
  const { timeline, connection, tell } = useTimeline(onSignedOut)
  const [form, showForm] = useState<Form>()
  const nextKey = useRef(1)
  const incidents = useIncidents(timeline, connection)

  const ask = useCallback(
    async (line: string): Promise<Answer> => {
      try {
        return await say(line)
      } catch (error) {
        if (isSignedOut(error)) onSignedOut()
        return { kind: 'refused', because: becauseOf(error) }
      }
    },
    [onSignedOut],
  )
  const whisper = (asked: string): number => {
    const key = nextKey.current++
    tell({ kind: 'asked', key, asked, at: serverNow().toISOString() })
    return key
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
  /**
   * A private answer is edited by nobody, so after a change it is asked for again; where it was a change itself the
   * newer answer takes its place. Looking at something else is a new question.
   */
  const actIn = async ({ key, asked }: Whisper, command: string): Promise<Answer> => {
    const answer = await act(command)
    if (answer.kind !== 'message' || !changesSomething(command)) return answer
    return show(key, changesSomething(asked) ? answer : await ask(asked))
  }
  return {
    timeline,
    connection,
    incidents,
    form,
    showForm,
    send: (line) => void sendAndWait(line),
    act,
    actIn,
    answerPrivately: (asked, answer) => tell({ kind: 'answered', key: whisper(asked), answer }),
    dismiss: (key) => tell({ kind: 'dismissed', key }),
    showEarlier: async () => {
      const first = timeline.messages[0]
      if (first) tell({ kind: 'earlier', messages: await loadMessages(first.id) })
    },
  }
}

/** What is open now, for completion and the head of the page; asked again whenever a message moves. */
function useIncidents({ messages, isLoaded }: Timeline, connection: Connection): readonly OpenIncident[] {
  const [incidents, setIncidents] = useState<readonly OpenIncident[]>([])
  useEffect(() => {
    if (!isLoaded || connection !== 'open') return undefined
    // Events come in bursts; one question answers them all.
    const timer = setTimeout(() => {
      loadIncidents().then(
        (open) => setIncidents(firingFirst(open)),
        () => undefined,
      )
    }, 150)
    return () => clearTimeout(timer)
  }, [messages, isLoaded, connection])
  return incidents
}
