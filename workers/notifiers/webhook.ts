import { createHash } from 'node:crypto'
import type { OpenConnection, Secrets } from '#engine/connection/connection.ts'
import { contentTypeOf, type WebhookSettings, webhookSettings } from '#engine/connection/webhook.ts'
import { alertmanagerBody } from '#engine/message/alertmanager-body.ts'
import { renderBody } from '#engine/message/body-template.ts'
import type { Tellable } from '#engine/message/subject.ts'
import { templateView } from '#engine/message/template-view.ts'
import { webhookEvent } from '#engine/message/webhook.ts'
import type { Outside } from '#workers/egress/outside.ts'
import { refusedBy } from '#workers/egress/refused-by.ts'
import { DeliveryError, type Notifier } from './notifier.ts'
import { standingId } from './standing-id.ts'
import { signatures } from './webhook-signature.ts'

/** Every turn of an alert is an event of its own: there is nothing to edit on the other side. */
export function webhookDriver(connection: OpenConnection, outside: Outside): Notifier {
  const settings = webhookSettings.parse(connection.settings)
  const send = async (message: Tellable, deliveryId: string) => {
    const now = outside.clock()
    const body = bodyOf(settings, connection, message, now)
    const answer = await outside.request({
      url: connection.secrets['url'] ?? '',
      method: settings.method,
      headers: headersOf(settings, connection.secrets, { body, id: webhookId(deliveryId), now }),
      body,
      trust: { ...settings.tls, clientKey: connection.secrets['clientKey'] },
      timeoutMs: settings.timeoutSeconds * 1000,
    })
    const refused = refusedBy(answer, now)
    if (refused) throw refused
  }
  return {
    post: async (_address, message, deliveryId) => {
      await send(message, standingId(deliveryId, message))
      return {}
    },
    // What is worth a line is told by that line; what is edited without a word is told here.
    update: async (_receipt, message) => {
      const reason = message.subject?.reason
      if (reason === 'edit' || reason === 'cleared') await send(message, editId(message))
      return undefined
    },
    reply: (_receipt, _line, deliveryId, message) => send(message, deliveryId),
  }
}

/** A rule's own body comes before the connection's. What is no incident has nothing a template could name. */
function bodyOf(
  settings: WebhookSettings,
  { bodyOverride, name, recipient }: OpenConnection,
  message: Tellable,
  now: Date,
): string {
  const { subject } = message
  const template = bodyOverride ?? (settings.body === 'TEMPLATE' ? settings.bodyTemplate : null)
  if (subject && template !== null)
    return fromTemplate(template, contentTypeOf(settings), templateView(subject, recipient))
  if (subject && settings.body === 'ALERTMANAGER') return JSON.stringify(alertmanagerBody(subject, name))
  return webhookEvent(message, now, recipient)
}

function fromTemplate(template: string, contentType: string, view: ReturnType<typeof templateView>): string {
  try {
    return renderBody(template, contentType, view)
  } catch (error) {
    throw new DeliveryError(`The body cannot be made: ${error instanceof Error ? error.message : ''}`, {
      retry: 'never',
      fault: 'config',
      cause: error,
    })
  }
}

interface Signing {
  readonly body: string
  readonly id: string
  readonly now: Date
}

function headersOf(settings: WebhookSettings, secrets: Secrets, signing: Signing): Record<string, string> {
  const { headers, secretHeader } = settings
  return {
    'content-type': contentTypeOf(settings),
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    ...authorization(settings, secrets),
    ...(secretHeader !== null && { [secretHeader.toLowerCase()]: secrets['secretHeaderValue'] ?? '' }),
    'idempotency-key': signing.id,
    ...signatures(settings, secrets, signing),
  }
}

function authorization({ auth }: WebhookSettings, secrets: Secrets): Record<string, string> {
  switch (auth.kind) {
    case 'NONE':
      return {}
    case 'BASIC': {
      const credentials = Buffer.from(`${auth.username}:${secrets['password'] ?? ''}`).toString('base64')
      return { authorization: `Basic ${credentials}` }
    }
    case 'BEARER':
      return { authorization: `Bearer ${secrets['token'] ?? ''}` }
  }
}

/** The same however often it is tried. A dot would end it in the signed text. */
function webhookId(deliveryId: string): string {
  return `msg_${deliveryId.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`
}

/** An edit has no delivery of its own: what says the same is the same. */
function editId({ subject, headline }: Tellable): string {
  const said = createHash('sha256')
    .update(JSON.stringify(subject ?? headline))
    .digest('hex')
  return `edit_${said.slice(0, 32)}`
}
