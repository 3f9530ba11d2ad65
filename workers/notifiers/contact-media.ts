import { findContactMedium } from '#db/repositories/contact-media.ts'
import { findCarrier } from '#db/repositories/media-carriers.ts'
import type { OpenConnection } from '#engine/connection/connection.ts'
import { type MediaWay, mediaWayOf } from '#engine/directory/media-ways.ts'
import { isIntegration, type IntegrationKind } from '#engine/medium.ts'
import type { Database } from '#db/client.ts'
import type { SecretBox } from '#db/secrets/secret-box.ts'
import { openConnection } from '#db/repositories/connections.ts'
import { brokenHere } from './broken-here.ts'

/** What a contact wants of an integration: to be told of everything that their own rules let through. */
const wishes: Partial<Record<IntegrationKind, object>> = { pagerduty: { leastSeverity: 'INFO' } }

/** Whose medium it is, as the destination of a contact names it. */
export interface ContactHandle {
  readonly contact: string
  readonly medium: string
}

export function contactHandle(handle: Readonly<Record<string, string>>): ContactHandle | undefined {
  const { contact, medium } = handle
  return contact !== undefined && medium !== undefined ? { contact, medium } : undefined
}

/** A connection for one contact: by the connection that carries this medium for everybody, or by itself where it needs none. */
export async function openContactMedium(
  { db, box }: { readonly db: Database; readonly box: SecretBox },
  { contact, medium }: ContactHandle,
): Promise<OpenConnection> {
  const [known, carrier] = await Promise.all([
    findContactMedium(db, box, contact, medium),
    findCarrier(db, medium),
  ])
  const way = mediaWayOf(medium)
  if (!way) throw brokenHere(`Nobody here knows how to tell people by ${medium}: use another medium.`)
  if (!known) throw brokenHere(`${contact} is no longer reached by ${medium}.`)
  if (way.needsCarrier && !carrier) throw brokenHere(noCarrier(medium, way))
  const carried = carrier && openConnection(box, carrier)
  const { address } = known
  const kind = carrier?.kind ?? kindOf(way)
  const settings = { ...carrier?.settings, ...wishes[kind], ...(kind === 'email' && { to: [address] }) }
  return {
    id: carrier?.id ?? '',
    name: carrier?.name ?? `${contact} by ${medium}`,
    kind,
    settings,
    // What the carrier keeps for itself, such as its own key of PagerDuty, is not for this.
    secrets: way.secret ? { [way.secret.name]: address } : (carried?.secrets ?? {}),
    recipient: { id: contact, address: way.secret ? '' : address },
  }
}

function kindOf({ surface }: MediaWay): IntegrationKind {
  return isIntegration(surface) ? surface : 'webhook'
}

function noCarrier(medium: string, { carrier }: MediaWay): string {
  return carrier === 'email'
    ? 'There is no mail server yet: an admin makes a connection of the kind email, and mail to contacts goes out by it.'
    : `Nothing carries ${medium} yet: an admin names the connection that does, a webhook to your gateway, with PUT /api/v1/contact-media/${medium}.`
}
