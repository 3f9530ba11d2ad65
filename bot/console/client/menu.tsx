import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react'
import type { Menu } from '#engine/message/message.ts'

interface MenuButtonProps {
  readonly menu: Menu
  readonly isBusy: boolean
  readonly onChoose: (command: string) => void
}

/** A button that opens a short list; arrows, Home, End, Enter and Esc do what they do in every menu. */
export function MenuButton({ menu, isBusy, onChoose }: MenuButtonProps) {
  const [isOpen, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const id = useId()
  useEffect(() => (isOpen ? whenLeft(root, () => setOpen(false)) : undefined), [isOpen])

  const close = () => {
    setOpen(false)
    button.current?.focus()
  }
  const choose = (command: string) => {
    close()
    onChoose(command)
  }
  return (
    <div className="menu" ref={root}>
      <button
        ref={button}
        type="button"
        className="button"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={id}
        aria-disabled={isBusy}
        onClick={() => setOpen(!isOpen && !isBusy)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' || isBusy) return
          event.preventDefault()
          setOpen(true)
        }}
      >
        {menu.label}
        <svg className="chevron" viewBox="0 0 10 10" aria-hidden="true">
          <path d="m2 3.5 3 3 3-3" />
        </svg>
      </button>
      {isOpen && <MenuList id={id} menu={menu} onChoose={choose} onClose={close} />}
    </div>
  )
}

interface MenuListProps {
  readonly id: string
  readonly menu: Menu
  readonly onChoose: (command: string) => void
  readonly onClose: () => void
}

function MenuList({ id, menu, onChoose, onClose }: MenuListProps) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    items(list.current)[0]?.focus()
    list.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <div
      id={id}
      ref={list}
      role="menu"
      aria-label={menu.label}
      className="menu-list"
      onKeyDown={(event) => {
        if (event.key === 'Escape' || event.key === 'Tab') onClose()
        else if (!moveFocus(event, items(list.current))) return
        if (event.key !== 'Tab') event.preventDefault()
        event.stopPropagation()
      }}
    >
      {menu.options.map(({ label, command }) => (
        <button key={command} type="button" role="menuitem" tabIndex={-1} onClick={() => onChoose(command)}>
          {label}
        </button>
      ))}
    </div>
  )
}

function items(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])]
}

function moveFocus(event: KeyboardEvent, all: readonly HTMLElement[]): boolean {
  const at = all.findIndex((one) => one === document.activeElement)
  const steps: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }
  const next = steps[event.key]
  if (next === undefined) return false
  all.at(next % all.length)?.focus()
  return true
}

function whenLeft(root: { readonly current: HTMLElement | null }, leave: () => void): () => void {
  const look = (event: Event) => {
    if (event.target instanceof Node && !root.current?.contains(event.target)) leave()
  }
  document.addEventListener('pointerdown', look)
  document.addEventListener('focusin', look)
  return () => {
    document.removeEventListener('pointerdown', look)
    document.removeEventListener('focusin', look)
  }
}
