import type { IntegrationKind } from '#engine/medium.ts'
import type { ConnectionDefinition } from './connection.ts'
import { discordWebhook } from './discord-webhook.ts'
import { email } from './email.ts'
import { logFile } from './log-file.ts'
import { opsgenie } from './opsgenie.ts'
import { pagerDuty } from './pagerduty.ts'
import { serviceNow } from './servicenow.ts'
import { slackWebhook } from './slack-webhook.ts'
import { teamsWorkflow } from './teams-workflow.ts'
import { webhook } from './webhook.ts'

/** Every kind of connection a person can make; how each speaks is in `workers/notifiers/drivers.ts`. */
const definitions: Readonly<Record<IntegrationKind, ConnectionDefinition>> = {
  webhook,
  email,
  pagerduty: pagerDuty,
  opsgenie,
  servicenow: serviceNow,
  'slack-webhook': slackWebhook,
  'teams-workflow': teamsWorkflow,
  'discord-webhook': discordWebhook,
  'log-file': logFile,
}

export const connectionKinds = Object.keys(definitions) as readonly IntegrationKind[]

/** What others call them. */
const aliases: Readonly<Record<string, IntegrationKind>> = {
  teams: 'teams-workflow',
  microsoft_teams: 'teams-workflow',
  slack: 'slack-webhook',
  discord: 'discord-webhook',
  smtp: 'email',
  log_file: 'log-file',
}

/** The kind that is meant by a word, in whatever case; the word itself where nobody knows it. */
export function kindMeant(word: string): string {
  const plain = word.trim().toLowerCase()
  return Object.hasOwn(aliases, plain) ? (aliases[plain] ?? plain) : plain
}

export function findConnectionDefinition(kind: string): ConnectionDefinition | undefined {
  return Object.entries(definitions).find(([name]) => name === kind)?.[1]
}
