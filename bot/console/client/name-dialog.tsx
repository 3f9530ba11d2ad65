import { useId, useState, type FormEvent } from 'react'
import { Dialog } from './form-dialog.tsx'
import { becauseOf, saveName, type Me } from './server.ts'

interface NameDialogProps {
  readonly me: Me
  readonly onRenamed: (me: Me) => void
  readonly onClose: () => void
}

export function NameDialog({ me, onRenamed, onClose }: NameDialogProps) {
  const [error, setError] = useState<string>()
  const id = useId()
  const save = async (name: string) => {
    try {
      onRenamed(await saveName(name))
      onClose()
    } catch (error) {
      setError(becauseOf(error))
    }
  }
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const name = new FormData(event.currentTarget).get('name')
    void save(typeof name === 'string' ? name : '')
  }
  return (
    <Dialog labelledBy={`${id}title`} onClose={onClose}>
      <form noValidate onSubmit={onSubmit}>
        <header className="dialog-head">
          <h2 id={`${id}title`}>Your name</h2>
        </header>
        <div className="dialog-body">
          <div className="field">
            <label htmlFor={id}>What others see</label>
            <input
              id={id}
              name="name"
              type="text"
              maxLength={60}
              autoFocus
              autoComplete="nickname"
              defaultValue={me.name === 'you' ? '' : me.name}
              aria-invalid={error !== undefined}
              aria-describedby={`${id}hint`}
            />
            <p className="hint" id={`${id}hint`}>
              It stands beside everything you acknowledge, silence or resolve.
            </p>
            {error && (
              <p className="field-error" role="alert">
                {error}
              </p>
            )}
          </div>
        </div>
        <footer className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button" data-style="primary">
            Save
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
