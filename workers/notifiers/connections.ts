import type { Database } from '#db/client.ts'
import { findConnection, openConnection } from '#db/repositories/connections.ts'
import { findBodyOverride } from '#db/repositories/rule-bindings.ts'
import { type SecretBox, Unsealable } from '#db/secrets/secret-box.ts'
import type { OpenConnection } from '#engine/connection/connection.ts'
import { missingSecrets } from '#engine/connection/draft.ts'
import { findConnectionDefinition } from '#engine/connection/registry.ts'
import { type IntegrationKind, integrationKinds } from '#engine/medium.ts'
import type { Tellable } from '#engine/message/subject.ts'
import type { Outside } from '#workers/egress/outside.ts'
import { brokenHere } from './broken-here.ts'
import { contactHandle, openContactMedium } from './contact-media.ts'
import { drivers } from './drivers.ts'
import type { Notifier } from './notifier.ts'

export interface ConnectionHands {
  readonly db: Database
  readonly box: SecretBox
  readonly outside: Outside
}

/** The same one for every kind of connection. */
export function integrationNotifiers(hands: ConnectionHands): Partial<Record<IntegrationKind, Notifier>> {
  const notifier = connectionNotifier(asking(hands))
  return Object.fromEntries(integrationKinds.map((kind) => [kind, notifier]))
}

/** All integrations: finds the connection or the contact that an address or a receipt names, opens its secrets, and lets its driver speak. */
function connectionNotifier(hands: Asking): Notifier {
  return {
    post: async (address, message, deliveryId) => {
      const { way, notifier } = await connect(hands, address, message)
      return { ...(await notifier.post(address, message, deliveryId)), ...way }
    },
    update: async (receipt, message) => {
      const { way, notifier } = await connect(hands, receipt, message)
      const fresh = await notifier.update(receipt, message)
      return fresh && { ...fresh, ...way }
    },
    reply: async (receipt, line, deliveryId, message) => {
      const { notifier } = await connect(hands, receipt, message)
      await notifier.reply(receipt, line, deliveryId, message)
    },
  }
}

async function connect(
  hands: Asking,
  handle: Readonly<Record<string, string>>,
  { subject }: Tellable,
): Promise<{ readonly way: Readonly<Record<string, string>>; readonly notifier: Notifier }> {
  const contact = contactHandle(handle)
  if (contact) {
    const opened = await readable(() => openContactMedium(hands, contact))
    return { way: { ...contact }, notifier: openDriver(opened, hands.outside) }
  }
  const id = handle['connection'] ?? ''
  const ruleId = subject?.ruleId
  const [connection, bodyOverride] = await Promise.all([
    hands.connection(id),
    ruleId ? hands.bodyOverride(ruleId, id) : undefined,
  ])
  const opened = { ...connection, ...(bodyOverride !== undefined && { bodyOverride }) }
  return { way: { connection: id }, notifier: openDriver(opened, hands.outside) }
}

interface Asking extends ConnectionHands {
  readonly connection: (id: string) => Promise<OpenConnection>
  readonly bodyOverride: (ruleId: string, id: string) => Promise<string | undefined>
}

function asking(hands: ConnectionHands): Asking {
  return {
    ...hands,
    connection: oneForAll((id) => openById(hands, id)),
    bodyOverride: oneForAll((ruleId, id) => findBodyOverride(hands.db, ruleId, id)),
  }
}

/** Of many messages that want to know the same at once, one asks; nothing is kept once it is answered. */
function oneForAll<Key extends readonly string[], T>(
  ask: (...key: Key) => Promise<T>,
): (...key: Key) => Promise<T> {
  const asked = new Map<string, Promise<T>>()
  return (...key) => {
    const name = key.join(' ')
    const answer = asked.get(name) ?? ask(...key).finally(() => asked.delete(name))
    asked.set(name, answer)
    return answer
  }
}

/** Its driver, or why it cannot speak. */
export function openDriver(connection: OpenConnection, outside: Outside): Notifier {
  const driver = drivers[connection.kind]
  const definition = findConnectionDefinition(connection.kind)
  if (!driver || !definition)
    throw brokenHere(`This Tocsin does not know connections of the kind ${connection.kind}.`)
  const settings = definition.settings.safeParse(connection.settings)
  if (!settings.success)
    throw brokenHere('What was entered for this connection is no longer understood: enter it anew.')
  const missing = missingSecrets(definition, settings.data, connection.secrets)
  if (missing.length > 0)
    throw brokenHere(
      `This connection lacks ${missing.join(', ')}: enter it. A secret is dropped when the host changes.`,
    )
  return driver({ ...connection, settings: settings.data }, outside)
}

export async function openById(
  { db, box }: Pick<ConnectionHands, 'db' | 'box'>,
  id: string,
): Promise<OpenConnection> {
  const connection = await findConnection(db, id)
  if (!connection) throw brokenHere('This connection is no more.')
  return readable(async () => openConnection(box, connection))
}

async function readable<Opened>(open: () => Promise<Opened>): Promise<Opened> {
  try {
    return await open()
  } catch (error) {
    if (error instanceof Unsealable)
      throw brokenHere(`The secrets of this connection cannot be read. ${error.message}`)
    throw error
  }
}
