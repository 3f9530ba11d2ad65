import type { News } from './timeline.ts'

/** Reads new alerts and changes of state aloud; what is critical interrupts. */
export function Announcer({ news }: { readonly news: News | undefined }) {
  return (
    <>
      <p className="unseen" aria-live="assertive">
        {news?.isUrgent && <span key={news.key}>{news.text}</span>}
      </p>
      <p className="unseen" aria-live="polite">
        {news && !news.isUrgent && <span key={news.key}>{news.text}</span>}
      </p>
    </>
  )
}
