import { useEffect, useRef, useState } from 'react'
import type { Connection } from './use-timeline.ts'

const goodNewsMs = 3000

/** Silence must never look like quiet: a page that hears nothing says so. */
export function ConnectionLine({ connection }: { readonly connection: Connection }) {
  const wasLost = useRef(false)
  const [isBack, setBack] = useState(false)
  useEffect(() => {
    if (connection === 'lost') wasLost.current = true
    if (connection !== 'open' || !wasLost.current) return undefined
    wasLost.current = false
    setBack(true)
    const timer = setTimeout(() => setBack(false), goodNewsMs)
    return () => clearTimeout(timer)
  }, [connection])
  return (
    <div className="connection" role="status">
      {connection === 'lost' && (
        <p data-state="lost">Connection lost. New alerts do not arrive here; trying again…</p>
      )}
      {connection === 'open' && isBack && <p data-state="back">Connected again. Nothing is missing.</p>}
    </div>
  )
}
