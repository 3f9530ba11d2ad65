import { useState } from 'react'
import type { Me } from './server.ts'
import { NameDialog } from './name-dialog.tsx'
import type { Summary } from './summary.ts'
import { ToneShape } from './tone.tsx'

interface HeadProps {
  readonly me: Me
  readonly summary: Summary
  readonly isKnown: boolean
  readonly onRenamed: (me: Me) => void
  readonly onShowOpen: () => void
}

/** The state of everything, readable from across the room. */
export function Head({ me, summary, isKnown, onRenamed, onShowOpen }: HeadProps) {
  const [isNaming, setNaming] = useState(false)
  return (
    <header className="head">
      <h1>
        <Bell />
        Tocsin
      </h1>
      {isKnown && <State summary={summary} onShowOpen={onShowOpen} />}
      <button type="button" className="me" onClick={() => setNaming(true)} title="Change your name">
        <span className="me-initial" aria-hidden="true">
          {Array.from(me.name)[0]?.toUpperCase()}
        </span>
        <span className="me-name">{me.name}</span>
      </button>
      {isNaming && <NameDialog me={me} onRenamed={onRenamed} onClose={() => setNaming(false)} />}
    </header>
  )
}

function State({ summary, onShowOpen }: { readonly summary: Summary; readonly onShowOpen: () => void }) {
  const { firing, acknowledged } = summary
  if (firing + acknowledged === 0) {
    return (
      <p className="state">
        <ToneShape tone="resolved" /> All quiet
      </p>
    )
  }
  return (
    <button type="button" className="state" onClick={onShowOpen}>
      {firing > 0 && (
        <span data-tone="critical">
          <ToneShape tone="critical" /> {firing} firing
        </span>
      )}
      {acknowledged > 0 && (
        <span data-tone="acknowledged">
          <ToneShape tone="acknowledged" /> {acknowledged} <span className="state-long">acknowledged</span>
          <span className="state-short">acked</span>
        </span>
      )}
    </button>
  )
}

function Bell() {
  return (
    <svg className="bell" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M12 3.5v1.4m0 0c-3.3 0-5.6 2.6-5.6 5.9 0 4-1.3 5.2-2.2 6.2h15.6c-.9-1-2.2-2.2-2.2-6.2 0-3.3-2.3-5.9-5.6-5.9Zm-2.2 14.6c.4.9 1.2 1.4 2.2 1.4s1.8-.5 2.2-1.4" />
    </svg>
  )
}
