import { mediaWayOf } from '#engine/directory/media-ways.ts'
import type { SecretBox } from './secret-box.ts'

interface MediumPlace {
  readonly contactId: string
  readonly type: string
}

interface KeptAddress {
  /** As much as everybody may see. */
  readonly address: string
  /** All of it, sealed for this contact and this type; null = there is nothing more to it. */
  readonly secret: string | null
}

/** The key of a PagerDuty service or the URL of a webhook is a secret; the number of a telephone is not. */
export function keepAddress(box: SecretBox, place: MediumPlace, address: string): KeptAddress {
  const { secret } = mediaWayOf(place.type) ?? {}
  return secret
    ? { address: secret.shown(address), secret: box.seal(address, mediumPlace(place)) }
    : { address, secret: null }
}

/** Throws `Unsealable`. */
export function openAddress(box: SecretBox, place: MediumPlace, { address, secret }: KeptAddress): string {
  return secret === null ? address : box.open(secret, mediumPlace(place))
}

function mediumPlace({ contactId, type }: MediumPlace): string {
  return `media:${contactId}:${type}`
}
