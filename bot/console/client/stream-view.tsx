import { Fragment } from 'react'
import type { Chat } from './use-chat.ts'
import { MessageCard } from './message-card.tsx'
import { useNow } from './server-clock.ts'
import { entriesOf, type Entry } from './timeline.ts'
import { dayTitle } from './times.ts'
import { WhisperCard } from './whisper-card.tsx'
import { Instant } from './words.tsx'

/** Messages and private answers in the order they came, by day. */
export function StreamView({ chat }: { readonly chat: Chat }) {
  const entries = entriesOf(chat.timeline)
  return (
    <div
      className="stream"
      role="feed"
      aria-label="Alerts"
      aria-busy={!chat.timeline.isLoaded}
      onKeyDown={pageBetween}
    >
      {chat.timeline.hasEarlier && (
        <button type="button" className="button earlier" onClick={() => void chat.showEarlier()}>
          Show earlier
        </button>
      )}
      {entries.map((entry, at) => (
        <Fragment key={keyOf(entry)}>
          <DayLine iso={instantOf(entry)} before={entries[at - 1]} />
          <div className="entry" data-kind={entry.kind}>
            <div className="entry-time">
              <Instant iso={instantOf(entry)} style="clock" />
            </div>
            <OneEntry entry={entry} chat={chat} />
          </div>
        </Fragment>
      ))}
    </div>
  )
}

function OneEntry({ entry, chat }: { readonly entry: Entry; readonly chat: Chat }) {
  if (entry.kind === 'message') return <MessageCard posted={entry.message} act={chat.actions.act} />
  return <WhisperCard whisper={entry.whisper} actions={chat.actions} />
}

function DayLine({ iso, before }: { readonly iso: string; readonly before: Entry | undefined }) {
  const now = useNow()
  const title = dayTitle(iso, now)
  if (before && dayTitle(instantOf(before), now) === title) return null
  return (
    <p className="day">
      <span>{title}</span>
    </p>
  )
}

function instantOf(entry: Entry): string {
  return entry.kind === 'message' ? entry.message.postedAt : entry.whisper.at
}

function keyOf(entry: Entry): string {
  return entry.kind === 'message' ? `m${entry.message.id}` : `w${entry.whisper.key}`
}

/** PageUp and PageDown walk from message to message, as a feed's keys do for screen readers. */
function pageBetween(event: React.KeyboardEvent<HTMLElement>): void {
  const step = { PageUp: -1, PageDown: 1 }[event.key]
  if (step === undefined) return
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('article')]
  const at = all.findIndex((one) => one.contains(document.activeElement))
  all[at + step]?.focus()
  event.preventDefault()
}
