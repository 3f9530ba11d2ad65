import { useEffect, useState } from 'react'
import { commandNames, commands, commandWord } from '#engine/command/registry.ts'
import type { Message } from '#engine/message/message.ts'
import { MessageBody } from './message-body.tsx'
import { say } from './server.ts'

/** Before the first alert: what is being watched, and what one can say meanwhile. */
export function EmptyState({ onSend }: { readonly onSend: (line: string) => void }) {
  const watched = useWatched()
  return (
    <section className="empty" aria-labelledby="empty-title">
      <h2 id="empty-title">Nothing has gone wrong yet</h2>
      <p>The first alert appears here by itself, with its numbers, a picture and what you can do about it.</p>
      {watched && (
        <div className="watched">
          <h3>{watched.headline}</h3>
          <MessageBody message={{ ...watched, actions: [] }} isBusy={false} onCommand={onSend} />
        </div>
      )}
      <h3>Try</h3>
      <ul className="try">
        {commandNames
          .filter((name) => commands[name].arguments.every((argument) => !argument.required))
          .map((name) => {
            const line = `/${commandWord} ${commands[name].words.join(' ')}`
            return (
              <li key={name}>
                <button type="button" onClick={() => onSend(line)}>
                  <code>{line}</code> <span>{commands[name].about}</span>
                </button>
              </li>
            )
          })}
      </ul>
    </section>
  )
}

function useWatched(): Message | undefined {
  const [watched, setWatched] = useState<Message>()
  useEffect(() => {
    say('rule list').then(
      (answer) => answer.kind === 'message' && setWatched(answer.message),
      // The page says the rest without it; a lost connection has its own line.
      () => undefined,
    )
  }, [])
  return watched
}
