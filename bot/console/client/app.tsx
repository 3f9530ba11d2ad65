import { useCallback, useEffect, useState } from 'react'
import { ChatPage } from './chat-page.tsx'
import { becauseOf, isSignedOut, loadMe, type Me } from './server.ts'
import { SignIn } from './sign-in.tsx'

type Visit =
  | { kind: 'arriving' }
  | { kind: 'outside' }
  | { kind: 'inside'; me: Me }
  | { kind: 'stuck'; because: string }

const retryMs = 3000

export function App() {
  const [visit, setVisit] = useState<Visit>({ kind: 'arriving' })
  const arrive = useCallback(() => {
    loadMe().then(
      (me) => setVisit({ kind: 'inside', me }),
      (error: unknown) => setVisit(isSignedOut(error) ? { kind: 'outside' } : stuck(error)),
    )
  }, [])
  const leave = useCallback(() => setVisit({ kind: 'outside' }), [])
  useEffect(arrive, [arrive])
  useEffect(() => {
    if (visit.kind !== 'stuck') return undefined
    const timer = setTimeout(arrive, retryMs)
    return () => clearTimeout(timer)
  }, [visit, arrive])

  switch (visit.kind) {
    case 'arriving':
      return null
    case 'stuck':
      return (
        <main className="sign-in">
          <p role="alert">{visit.because}</p>
        </main>
      )
    case 'outside':
      return <SignIn onSignedIn={arrive} />
    case 'inside':
      return (
        <ChatPage me={visit.me} onRenamed={(me) => setVisit({ kind: 'inside', me })} onSignedOut={leave} />
      )
  }
}

function stuck(error: unknown): Visit {
  return { kind: 'stuck', because: becauseOf(error) }
}
