import type { OpenIncident } from '#bot/console/local-chat.ts'
import { Announcer } from './announcer.tsx'
import { CommandLine } from './command-line.tsx'
import { ConnectionLine } from './connection-line.tsx'
import { EmptyState } from './empty-state.tsx'
import { FormDialog } from './form-dialog.tsx'
import { Head } from './head.tsx'
import { OpenList } from './open-list.tsx'
import { StreamView } from './stream-view.tsx'
import { summarize } from './summary.ts'
import type { Me } from './server.ts'
import { useAttention } from './use-attention.ts'
import { useChat, type Chat } from './use-chat.ts'
import { useKeptForm } from './use-kept-form.ts'
import { useLinkedIncident } from './use-linked-incident.ts'
import { useScroll } from './use-scroll.ts'

interface ChatPageProps {
  readonly me: Me
  readonly onRenamed: (me: Me) => void
  readonly onSignedOut: () => void
}

export function ChatPage({ me, onRenamed, onSignedOut }: ChatPageProps) {
  const chat = useChat(onSignedOut)
  const { timeline, incidents } = chat
  const { room, unread, toEnd } = useScroll(timeline)
  const summary = summarize(incidents)
  useAttention(unread, summary.firing)

  const send = (line: string) => {
    chat.actions.send(line)
    requestAnimationFrame(toEnd)
  }
  useLinkedIncident(timeline.isLoaded, (number) => send(`show ${number}`))
  const showIncident = (incident: OpenIncident) => {
    if (!focusMessage(incident.number)) send(`show ${incident.number}`)
  }
  const showOpen = () => {
    const worst = incidents[0]
    if (incidents.length === 1 && worst) showIncident(worst)
    else send('list')
  }
  const isEmpty = timeline.isLoaded && timeline.messages.length === 0
  return (
    <div className="page">
      <Head
        me={me}
        summary={summary}
        isKnown={timeline.isLoaded}
        onRenamed={onRenamed}
        onShowOpen={showOpen}
      />
      <main className="room" ref={room}>
        <div className="room-width">
          {isEmpty && <EmptyState onSend={send} />}
          <StreamView chat={chat} />
        </div>
      </main>
      <OpenList incidents={incidents} messages={timeline.messages} onOpen={showIncident} />
      <div className="below">
        {unread > 0 && (
          <button type="button" className="unread" onClick={toEnd}>
            {unread} new {unread === 1 ? 'message' : 'messages'} ↓
          </button>
        )}
        <ConnectionLine connection={chat.connection} />
        <CommandLine incidents={incidents} onSend={send} />
      </div>
      <OpenForm chat={chat} onAnswered={toEnd} />
      <Announcer news={timeline.news} />
    </div>
  )
}

function OpenForm({ chat, onAnswered }: { readonly chat: Chat; readonly onAnswered: () => void }) {
  const { form, showForm, actions } = chat
  useKeptForm(form, showForm)
  if (!form) return null
  return (
    <FormDialog
      // One dialog from the first step to the last; another form is another dialog.
      key={form.id}
      form={form}
      onClose={() => showForm(undefined)}
      onAnswer={(answer) => {
        if (answer.kind === 'form') return showForm(answer.form)
        showForm(undefined)
        actions.answerPrivately(form.title, answer)
        requestAnimationFrame(onAnswered)
      }}
    />
  )
}

function focusMessage(number: number): boolean {
  const found = [...document.querySelectorAll<HTMLElement>(`[data-number="${number}"]`)].at(-1)
  found?.scrollIntoView({ block: 'center' })
  found?.focus({ preventScroll: true })
  return found !== undefined
}
