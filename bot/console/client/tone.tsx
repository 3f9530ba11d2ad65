import type { Tone } from '#engine/message/message.ts'

const words: Record<Tone, string | undefined> = {
  critical: 'Critical',
  warning: 'Warning',
  info: 'Info',
  acknowledged: 'Acknowledged',
  resolved: 'Resolved',
  neutral: undefined,
}

/** Each state has its own shape too, so that nothing depends on telling colours apart. */
const shapes: Record<Tone, string> = {
  critical: 'M8 1.2 15 14.2H1Z',
  warning: 'M8 1.2 14.8 8 8 14.8 1.2 8Z',
  info: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13Z',
  acknowledged: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13Zm0 2.2v8.6a4.3 4.3 0 0 0 0-8.6Z',
  resolved: 'm6.3 13.3-5-5 1.8-1.8 3.2 3.2 6.6-6.7 1.8 1.8Z',
  neutral: 'M2.5 7h11v2h-11Z',
}

export function toneWord(tone: Tone): string | undefined {
  return words[tone]
}

export function ToneShape({ tone }: { readonly tone: Tone }) {
  return (
    <svg className="tone-shape" data-tone={tone} viewBox="0 0 16 16" aria-hidden="true">
      <path d={shapes[tone]} fillRule="evenodd" />
    </svg>
  )
}

export function ToneLabel({ tone }: { readonly tone: Tone }) {
  if (words[tone] === undefined) return null
  return (
    <span className="tone-label" data-tone={tone}>
      <ToneShape tone={tone} />
      {words[tone]}
    </span>
  )
}
