import { useState, type FormEvent } from 'react'
import { becauseOf, signIn } from './server.ts'

export function SignIn({ onSignedIn }: { readonly onSignedIn: () => void }) {
  const [error, setError] = useState<string>()
  const enter = async (token: string) => {
    try {
      await signIn(token)
      onSignedIn()
    } catch (error) {
      setError(becauseOf(error))
    }
  }
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const token = new FormData(event.currentTarget).get('token')
    void enter(typeof token === 'string' ? token : '')
  }
  return (
    <main className="sign-in">
      <form onSubmit={onSubmit}>
        <h1>Tocsin</h1>
        <div className="field">
          <label htmlFor="token">Access token</label>
          <input
            id="token"
            name="token"
            type="password"
            autoFocus
            autoComplete="current-password"
            aria-invalid={error !== undefined}
            aria-describedby="token-hint"
          />
          <p className="hint" id="token-hint">
            Whoever started Tocsin has it.
          </p>
          {error && (
            <p className="field-error" role="alert">
              {error}
            </p>
          )}
        </div>
        <button type="submit" className="button" data-style="primary">
          Sign in
        </button>
      </form>
    </main>
  )
}
