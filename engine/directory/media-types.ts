/** Ways to reach a contact that can be named: Flapjack's, `webhook` of its last branch, and those that are ours. */
export const mediaTypes = [
  'email',
  'sms',
  'sms_twilio',
  'sms_nexmo',
  'slack',
  'teams',
  'discord',
  'jabber',
  'sns',
  'pagerduty',
  'opsgenie',
  'webhook',
] as const

export type MediaType = (typeof mediaTypes)[number]

export function isMediaType(name: string): name is MediaType {
  return mediaTypes.some((known) => known === name)
}

export const mediaTypeProblem = `must be one of ${mediaTypes.join(', ')}.`
