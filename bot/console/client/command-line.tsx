import { useEffect, useId, useRef } from 'react'
import type { OpenIncident } from '#bot/console/local-chat.ts'
import type { Completion } from '#engine/command/complete.ts'
import { useCommandLine } from './use-command-line.ts'

interface CommandLineProps {
  readonly incidents: readonly OpenIncident[]
  readonly onSend: (line: string) => void
}

export function CommandLine({ incidents, onSend }: CommandLineProps) {
  const line = useCommandLine(incidents, onSend)
  const input = useRef<HTMLInputElement>(null)
  const id = useId()
  useEffect(() => catchTyping(input), [])
  const isOpen = line.completions.length > 0
  return (
    <form
      className="command-line"
      onSubmit={(event) => {
        event.preventDefault()
        line.send()
      }}
    >
      {isOpen && (
        <Completions
          id={id}
          completions={line.completions}
          chosen={line.chosen}
          onAccept={({ line: chosen }) => line.type(chosen)}
        />
      )}
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label="Command"
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-controls={`${id}list`}
        aria-activedescendant={line.chosen >= 0 ? `${id}${line.chosen}` : undefined}
        aria-describedby={`${id}keys`}
        placeholder="Type / for commands"
        enterKeyHint="send"
        autoCapitalize="none"
        autoComplete="off"
        autoCorrect="off"
        spellCheck={false}
        maxLength={2000}
        value={line.text}
        onChange={(event) => line.type(event.target.value)}
        onKeyDown={line.onKeyDown}
      />
      <button type="submit" className="send" aria-label="Send" aria-disabled={line.text.trim() === ''}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M8 13.5v-11M3.5 7 8 2.5 12.5 7" />
        </svg>
      </button>
      <p className="keys" id={`${id}keys`}>
        <kbd>Tab</kbd> completes <kbd>Enter</kbd> sends <kbd>↑</kbd> earlier lines
      </p>
    </form>
  )
}

interface CompletionsProps {
  readonly id: string
  readonly completions: readonly Completion[]
  readonly chosen: number
  readonly onAccept: (completion: Completion) => void
}

function Completions({ id, completions, chosen, onAccept }: CompletionsProps) {
  return (
    <ul className="completions" id={`${id}list`} role="listbox" aria-label="What may come next">
      {completions.map((completion, at) => (
        <li
          key={completion.line}
          id={`${id}${at}`}
          role="option"
          aria-selected={at === chosen}
          // Pressing must not take the focus from the line that is being typed.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onAccept(completion)}
        >
          <span>{completion.label}</span>
          <small>{completion.about}</small>
        </li>
      ))}
    </ul>
  )
}

/** Whoever starts typing anywhere means the command line; a dialog or another field keeps its own keys. */
function catchTyping(input: { readonly current: HTMLInputElement | null }): () => void {
  const look = (event: globalThis.KeyboardEvent) => {
    const isText =
      event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey
    const target = event.target instanceof Element ? event.target : undefined
    if (!isText || event.isComposing || target?.closest('input, textarea, select, dialog, [role=menu]'))
      return
    input.current?.focus()
  }
  document.addEventListener('keydown', look)
  return () => document.removeEventListener('keydown', look)
}
