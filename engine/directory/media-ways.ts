import { pagerDuty } from '#engine/connection/pagerduty.ts'
import { opsgenie, opsgenieKey } from '#engine/connection/opsgenie.ts'
import { emailAddressProblem } from '#engine/connection/email-address.ts'
import { originOf, outsideUrlProblem } from '#engine/connection/outside-url.ts'
import type { IntegrationKind, Medium } from '#engine/medium.ts'
import type { MediaType } from './media-types.ts'

/** How a type of medium of contacts is delivered. */
export interface MediaWay {
  /** What speaks. */
  readonly surface: Medium
  /** Of these connections one may carry it for everybody. Without it, it needs none and takes none. */
  readonly carrier?: IntegrationKind
  /** Nothing goes out until a carrier is there. */
  readonly needsCarrier?: true
  /** The address is a secret: under this name the driver knows it. */
  readonly secret?: { readonly name: string; readonly shown: (address: string) => string }
  /** Why something cannot be its address. */
  readonly problem?: (address: string) => string | undefined
}

/** Anything that reaches people by an address and has a gateway that speaks HTTP. */
const gateway: MediaWay = { surface: 'webhook', carrier: 'webhook', needsCarrier: true }

const lastFour = (key: string) => `…${key.slice(-4)}`

export const mediaWays: Readonly<Record<MediaType, MediaWay>> = {
  email: { surface: 'email', carrier: 'email', needsCarrier: true, problem: emailAddressProblem },
  sms: gateway,
  sms_twilio: gateway,
  sms_nexmo: gateway,
  jabber: gateway,
  sns: gateway,
  slack: { surface: 'slack' },
  teams: { surface: 'teams' },
  discord: { surface: 'discord', problem: discordProblem },
  pagerduty: {
    surface: 'pagerduty',
    carrier: 'pagerduty',
    secret: { name: 'routingKey', shown: lastFour },
    problem: (key) => problemOf(pagerDuty.secrets, 'routingKey', key),
  },
  opsgenie: {
    surface: 'opsgenie',
    carrier: 'opsgenie',
    secret: { name: 'apiKey', shown: (key) => lastFour(opsgenieKey(key) ?? key) },
    problem: (key) => problemOf(opsgenie.secrets, 'apiKey', key),
  },
  webhook: {
    surface: 'webhook',
    secret: { name: 'url', shown: (url) => `${originOf(url) ?? ''}/<secret>` },
    problem: outsideUrlProblem,
  },
}

/** Of Flapjack's old types and ours alike; undefined: nobody here knows such a medium. */
export function mediaWayOf(type: string): MediaWay | undefined {
  return Object.entries(mediaWays).find(([known]) => known === type)?.[1]
}

function discordProblem(address: string): string | undefined {
  return /^\d{15,21}$/.test(address)
    ? undefined
    : 'must be the id of a Discord channel that the bot may write in, 15 to 21 digits.'
}

function problemOf(
  fields: readonly { readonly name: string; readonly problem?: (value: string) => string | undefined }[],
  name: string,
  value: string,
): string | undefined {
  return fields.find((field) => field.name === name)?.problem?.(value)
}
