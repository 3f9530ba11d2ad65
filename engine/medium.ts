import type { Surface } from './person.ts'

/** What a connection speaks: where we tell, and people answer elsewhere or not at all. */
export const integrationKinds = [
  'webhook',
  'email',
  'pagerduty',
  'opsgenie',
  'servicenow',
  'slack-webhook',
  'teams-workflow',
  'discord-webhook',
  'log-file',
] as const

export type IntegrationKind = (typeof integrationKinds)[number]

/** Whatever a notification can go through: a chat where people answer, or a connection. */
export type Medium = Surface | IntegrationKind

/** Where people read alerts and answer. */
export const chatSurfaces = ['local', 'slack', 'teams', 'discord'] as const satisfies readonly Surface[]

/** What keeps one message or incident that is put right, instead of one for each turn. */
export const livingMedia = [
  ...chatSurfaces,
  'pagerduty',
  'opsgenie',
  'servicenow',
] as const satisfies readonly Medium[]

/** Chats hear by themselves; a connection only what somebody names it for. */
export function isIntegration(medium: Medium): medium is IntegrationKind {
  return integrationKinds.some((kind) => kind === medium)
}
