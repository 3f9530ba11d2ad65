import { memo, useId } from 'react'
import type { Answer } from '#engine/command/answer.ts'
import { Headline, incidentOf } from './headline.tsx'
import type { ChatActions } from './chat-actions.ts'
import { MessageBody } from './message-body.tsx'
import { Refusal } from './message-card.tsx'
import type { Whisper } from './timeline.ts'
import { ToneLabel } from './tone.tsx'
import { useAction } from './use-action.ts'

interface WhisperCardProps {
  readonly whisper: Whisper
  readonly actions: ChatActions
}

/** What one asked and what was answered, for these eyes only. */
export const WhisperCard = memo(function WhisperCard({ whisper, actions }: WhisperCardProps) {
  const { key, asked, answer } = whisper
  const onDismiss = () => actions.dismiss(key)
  return (
    <section className="whisper" id={`whisper-${whisper.key}`} aria-label={`You asked: ${asked}`}>
      <p className="asked">
        <span aria-hidden="true">›</span> {asked}
      </p>
      {answer?.kind === 'message' && (
        <PrivateMessage
          answer={answer}
          act={(command) => actions.actIn(whisper, command)}
          onDismiss={onDismiss}
        />
      )}
      {answer?.kind === 'refused' && <Refusal because={answer.because} onDismiss={onDismiss} />}
      {!answer && (
        <p className="waiting" role="status">
          <span className="unseen">One moment</span>
          <i />
          <i />
          <i />
        </p>
      )}
    </section>
  )
})

interface PrivateMessageProps {
  readonly answer: Extract<Answer, { kind: 'message' }>
  readonly act: (command: string) => Promise<Answer>
  readonly onDismiss: () => void
}

function PrivateMessage({ answer: { message }, act, onDismiss }: PrivateMessageProps) {
  const { isBusy, refusal, run, forget } = useAction(act)
  const title = useId()
  return (
    <article
      className="card private"
      data-tone={message.tone}
      aria-labelledby={title}
      aria-busy={isBusy}
      tabIndex={-1}
    >
      <header className="card-head">
        {incidentOf({ message }) !== undefined && <ToneLabel tone={message.tone} />}
        <span className="only-you">
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M1 8s2.5-4.5 7-4.5S15 8 15 8s-2.5 4.5-7 4.5S1 8 1 8Z" />
            <circle cx="8" cy="8" r="2" />
          </svg>
          Only you see this
        </span>
        <button type="button" className="icon-button" aria-label="Dismiss this answer" onClick={onDismiss}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="m4 4 8 8m0-8-8 8" />
          </svg>
        </button>
      </header>
      <Headline id={title} text={message.headline} />
      <MessageBody message={message} isBusy={isBusy} onCommand={run} />
      {refusal && <Refusal because={refusal} onDismiss={forget} />}
    </article>
  )
}
