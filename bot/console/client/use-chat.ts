import { useEffect, useMemo, useState } from 'react'
import type { OpenIncident } from '#bot/console/local-chat.ts'
import type { Form } from '#engine/view/form.ts'
import { chatActions, type ChatActions } from './chat-actions.ts'
import { loadIncidents, loadMessages } from './server.ts'
import { firingFirst } from './summary.ts'
import type { Timeline } from './timeline.ts'
import { useTimeline, type Connection } from './use-timeline.ts'

export interface Chat {
  readonly timeline: Timeline
  readonly connection: Connection
  readonly incidents: readonly OpenIncident[]
  readonly form: Form | undefined
  readonly showForm: (form: Form | undefined) => void
  readonly showEarlier: () => Promise<void>
  readonly actions: ChatActions
}

export function useChat(onSignedOut: () => void): Chat {
  const { timeline, connection, tell } = useTimeline(onSignedOut)
  const [form, showForm] = useState<Form>()
  const actions = useMemo(() => chatActions({ tell, showForm, onSignedOut }), [tell, onSignedOut])
  const incidents = useIncidents(timeline, connection)
  const showEarlier = async () => {
    const first = timeline.messages[0]
    if (!first) return
    // The button stays where it is, and the line below says when the connection is what is missing.
    const messages = await loadMessages(first.id).catch(() => undefined)
    if (messages) tell({ kind: 'earlier', messages })
  }
  return { timeline, connection, incidents, form, showForm, showEarlier, actions }
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
