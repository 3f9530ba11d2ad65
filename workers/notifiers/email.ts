import { createHash } from 'node:crypto'
import type { SendMailOptions } from 'nodemailer'
import type { OpenConnection } from '#engine/connection/connection.ts'
import { type EmailSettings, emailSettings } from '#engine/connection/email.ts'
import { emailSubject, renderEmail } from '#engine/message/email.ts'
import type { Tellable } from '#engine/message/subject.ts'
import type { Outside } from '#workers/egress/outside.ts'
import { noteAnswer } from './answered.ts'
import type { Notifier } from './notifier.ts'
import { standingId } from './standing-id.ts'

/** A mail for the beginning, and one for every turn in answer to it. Mails cannot be edited. */
export function emailDriver(connection: OpenConnection, outside: Outside): Notifier {
  const settings = emailSettings.parse(connection.settings)
  const send = async (mail: SendMailOptions) => {
    const sent = await outside.mail.send(connection, { ...heading(settings, outside.clock()), ...mail })
    // The others have it, so it is not tried again.
    if (sent.rejected.length > 0) noteAnswer({ snippet: `It took none for ${sent.rejected.join(', ')}.` })
  }
  return {
    post: async (_address, message, deliveryId) => {
      const id = messageId(message, settings, deliveryId)
      const own = messageId(message, settings, standingId(deliveryId, message))
      const subject = emailSubject(message, settings.subjectPrefix)
      await send({
        ...renderEmail(message),
        ...marks(message, settings),
        subject,
        messageId: own,
        // The beginning may have been sent without anybody knowing; there it belongs.
        ...(own !== id && { inReplyTo: id, references: [id] }),
      })
      return { id, subject }
    },
    update: async () => undefined,
    reply: async (receipt, line, deliveryId, message) => {
      const { id = '', subject = emailSubject(message, settings.subjectPrefix) } = receipt
      await send({
        ...renderEmail(message, line),
        ...marks(message, settings),
        subject,
        messageId: messageId(message, settings, deliveryId),
        inReplyTo: id,
        references: [id],
      })
    },
  }
}

/** The envelope is what was configured, whatever any header says. */
function heading({ from, fromName, to, replyTo }: EmailSettings, now: Date): SendMailOptions {
  return {
    envelope: { from, to: [...to] },
    from: { name: fromName, address: from },
    to: to.map((address) => ({ name: '', address })),
    ...(replyTo !== null && { replyTo: { name: '', address: replyTo } }),
    date: now,
  }
}

/** So that nobody's vacation answers, and filters can tell. */
function marks({ subject }: Tellable, { from }: EmailSettings): SendMailOptions {
  return {
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      Precedence: 'bulk',
      'List-Id': `Tocsin <tocsin.${domainOf(from)}>`,
      ...(subject && { 'X-Tocsin-Incident': subject.key, 'X-Tocsin-Severity': subject.severity }),
    },
  }
}

/** The same however often it is tried, which is how most servers and readers recognise a double. */
function messageId({ subject }: Tellable, { from }: EmailSettings, deliveryId: string): string {
  const told = createHash('sha256').update(deliveryId).digest('hex').slice(0, 16)
  return `<${subject?.key ?? 'tocsin'}.${told}@${domainOf(from)}>`
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1)
}
