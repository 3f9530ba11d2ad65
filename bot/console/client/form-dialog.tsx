import { useEffect, useId, useLayoutEffect, useRef, useState, type FormEvent, type ReactNode } from 'react'
import type { Answer } from '#engine/command/answer.ts'
import type { Form, FormValues } from '#engine/view/form.ts'
import { FormField } from './form-field.tsx'
import { PictureView } from './picture-view.tsx'
import { becauseOf, submitForm } from './server.ts'
import { Words } from './words.tsx'

interface DialogProps {
  readonly labelledBy: string
  readonly onClose: () => void
  readonly children: ReactNode
}

/** The browser's own modal: it keeps the focus inside, closes on Esc, and gives the focus back afterwards. */
export function Dialog({ labelledBy, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  // Before the paint and before it is taken away: only a dialog that is still there can give the focus back.
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    return () => shown?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={labelledBy}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      {children}
    </dialog>
  )
}

interface FormDialogProps {
  readonly form: Form
  readonly onAnswer: (answer: Exclude<Answer, { kind: 'refused' }>) => void
  readonly onClose: () => void
}

export function FormDialog({ form, onAnswer, onClose }: FormDialogProps) {
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<string>()
  const title = useId()
  const body = useRef<HTMLFormElement>(null)
  useEffect(() => focusFirst(body.current), [form])

  const submit = async (values: FormValues) => {
    setBusy(true)
    setFailure(undefined)
    try {
      const answer = await submitForm(form.id, values)
      if (answer.kind === 'refused') setFailure(answer.because)
      else onAnswer(answer)
    } catch (error) {
      setFailure(becauseOf(error))
    }
    setBusy(false)
  }
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!isBusy) void submit(valuesOf(event.currentTarget))
  }
  return (
    <Dialog labelledBy={title} onClose={onClose}>
      <form ref={body} key={form.step} noValidate onSubmit={onSubmit} aria-busy={isBusy}>
        <FormHead form={form} titleId={title} />
        <FormBody form={form} error={failure ?? form.error} />
        <footer className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button" data-style="primary" aria-disabled={isBusy}>
            {form.submitLabel}
          </button>
        </footer>
      </form>
    </Dialog>
  )
}

function FormHead({ form, titleId }: { readonly form: Form; readonly titleId: string }) {
  return (
    <header className="dialog-head">
      <h2 id={titleId}>{form.title}</h2>
      {form.steps > 1 && (
        <p className="steps">
          Step {form.step} of {form.steps}
          <progress value={form.step} max={form.steps} aria-hidden="true" />
        </p>
      )}
    </header>
  )
}

function FormBody({ form, error }: { readonly form: Form; readonly error: string | undefined }) {
  return (
    <div className="dialog-body">
      {error && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
      {form.intro.map((line, at) => (
        <p key={at} className="message-line">
          <Words line={line} />
        </p>
      ))}
      {form.picture && <PictureView picture={form.picture} tone="critical" />}
      {form.fields.map((field) => (
        <FormField key={field.name} field={field} />
      ))}
    </div>
  )
}

function valuesOf(form: HTMLFormElement): FormValues {
  const entries = [...new FormData(form)].filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return Object.fromEntries(entries)
}

/** The first mistake, or the first question, or the button when there is nothing to fill in. */
function focusFirst(form: HTMLFormElement | null): void {
  const wanted = [
    '[aria-invalid=true]',
    'input:checked, input:not([type=radio]), select, textarea',
    '[type=submit]',
  ]
  const found = wanted.map((selector) => form?.querySelector<HTMLElement>(selector)).find(Boolean)
  found?.focus()
  if (found instanceof HTMLInputElement && found.type === 'text') found.select()
}
