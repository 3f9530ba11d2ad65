import type { Subject, Tellable } from './subject.ts'

const longest = 150

/** What matters most, for who would not take all of it: what it is, how it stands, and where there is more. */
export function reduced(message: Tellable): Tellable {
  const { headline, tone, actions, subject } = message
  return {
    tone,
    headline: cut(headline),
    lines: [],
    facts: [],
    items: [],
    notes: [['The rest of it was too much for this place.']],
    actions: actions.filter(({ kind }) => kind === 'link'),
    ...(subject && { subject: reducedSubject(subject) }),
  }
}

function reducedSubject({ facts: _facts, notification: _words, ...subject }: Subject): Subject {
  return { ...subject, title: cut(subject.title), summary: '', labels: {}, alerts: [] }
}

function cut(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).toWellFormed()}…`
}
