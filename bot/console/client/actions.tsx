import type { Action, Button } from '#engine/message/message.ts'
import { MenuButton } from './menu.tsx'
import { SafeLink } from './words.tsx'

interface ActionsProps {
  readonly actions: readonly Action[]
  readonly isBusy: boolean
  readonly onCommand: (command: string) => void
}

export function Actions({ actions, isBusy, onCommand }: ActionsProps) {
  if (actions.length === 0) return null
  return (
    <div className="actions">
      {actions.map((action) => {
        if (action.kind === 'link') {
          return <SafeLink key={action.label} href={action.href} label={action.label} className="button" />
        }
        if (action.kind === 'menu') {
          return <MenuButton key={action.label} menu={action} isBusy={isBusy} onChoose={onCommand} />
        }
        return <CommandButton key={action.command} button={action} isBusy={isBusy} onCommand={onCommand} />
      })}
    </div>
  )
}

interface CommandButtonProps {
  readonly button: Button
  readonly isBusy: boolean
  readonly onCommand: (command: string) => void
}

/** Busy buttons stay focusable: a keyboard must not lose its place while the answer is under way. */
export function CommandButton({ button, isBusy, onCommand }: CommandButtonProps) {
  return (
    <button
      type="button"
      className="button"
      data-style={button.style}
      aria-disabled={isBusy}
      onClick={() => !isBusy && onCommand(button.command)}
    >
      {button.label}
    </button>
  )
}
