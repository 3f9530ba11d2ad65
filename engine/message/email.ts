import { fieldLine } from './field-text.ts'
import { emailHtml } from './email-html.ts'
import type { Line } from './message.ts'
import { oneWay } from './one-way.ts'
import { plainLine, plainMessage } from './plain.ts'
import { printable } from './teams-text.ts'
import { sparkline } from './sparkline.ts'
import { numbered, type Tellable } from './subject.ts'

/** What a mail says; who gets it and which thread it belongs to is the driver's. */
export interface EmailText {
  readonly text: string
  readonly html: string
}

const longestSubject = 200
const longestText = 100_000

/**
 * The subject of all mails about one incident: mail programs put what is called the same into one thread, so how it stands
 * is told inside.
 */
export function emailSubject(message: Tellable, prefix: string): string {
  const { subject, headline } = message
  const name = subject ? numbered(subject) : headline
  return fieldLine(`${prefix} ${name}`, longestSubject) || 'Tocsin'
}

/** `news`: what this mail is sent for, where it is not the first. */
export function renderEmail(message: Tellable, news?: Line): EmailText {
  const shown = oneWay(message, news)
  const picture = shown.picture ? [sparkline(shown.picture)] : []
  const links = shown.actions.flatMap((action) =>
    action.kind === 'link' ? [`${action.label}: ${action.href}`] : [],
  )
  const first = news ? [plainLine(news), ''] : []
  const told = plainMessage(news ? { ...shown, lines: shown.lines.slice(1) } : shown)
  return {
    text: printable([...first, told, ...picture, '', ...links].join('\n')).slice(0, longestText),
    html: emailHtml(shown),
  }
}
