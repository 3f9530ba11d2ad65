import { memo, useEffect, useId, useRef } from 'react'
import type { LocalMessage } from '#bot/console/local-chat.ts'
import type { Answer } from '#engine/command/answer.ts'
import { Headline, incidentOf } from './headline.tsx'
import { MessageBody } from './message-body.tsx'
import { ToneLabel } from './tone.tsx'
import { useAction } from './use-action.ts'
import { Instant, Words } from './words.tsx'

interface MessageCardProps {
  readonly posted: LocalMessage
  readonly act: (command: string) => Promise<Answer>
}

/** One living message and its thread. */
export const MessageCard = memo(function MessageCard({ posted, act }: MessageCardProps) {
  const { message, thread } = posted
  const { isBusy, refusal, run, forget } = useAction(act, posted)
  const article = useRef<HTMLElement>(null)
  const title = useId()
  useKeptFocus(article, posted)
  return (
    <article
      ref={article}
      id={`message-${posted.id}`}
      className="card"
      data-tone={message.tone}
      data-number={incidentOf(posted)}
      aria-labelledby={title}
      aria-busy={isBusy}
      tabIndex={-1}
    >
      <header className="card-head">
        <ToneLabel tone={message.tone} />
        <span className="card-age">
          <span className="card-clock">
            <Instant iso={posted.postedAt} style="clock" /> ·{' '}
          </span>
          <Instant iso={posted.postedAt} style="relative" />
        </span>
      </header>
      <Headline id={title} text={message.headline} />
      <MessageBody message={message} isBusy={isBusy} onCommand={run} />
      {refusal && <Refusal because={refusal} onDismiss={forget} />}
      {thread.length > 0 && (
        <ol className="thread" aria-label="What happened since">
          {thread.map(({ at, line }, place) => (
            <li key={place}>
              <Instant iso={at} style="clock" />
              <span>
                <Words line={line} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </article>
  )
})

export function Refusal({
  because,
  onDismiss,
}: {
  readonly because: string
  readonly onDismiss: () => void
}) {
  return (
    <div className="refusal" role="alert">
      <p>
        {because} <span className="only-you">Only you see this.</span>
      </p>
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={onDismiss}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="m4 4 8 8m0-8-8 8" />
        </svg>
      </button>
    </div>
  )
}

/** An edit may take away the very button that was pressed; the focus then stays with its message. */
function useKeptFocus(article: { readonly current: HTMLElement | null }, edition: LocalMessage): void {
  const hadFocus = useRef(false)
  useEffect(() => {
    if (hadFocus.current && document.activeElement === document.body)
      article.current?.focus({ preventScroll: true })
  }, [article, edition])
  useEffect(() => {
    const remember = () => {
      if (document.activeElement === document.body) return
      hadFocus.current = article.current?.contains(document.activeElement) ?? false
    }
    document.addEventListener('focusin', remember)
    return () => document.removeEventListener('focusin', remember)
  }, [article])
}
