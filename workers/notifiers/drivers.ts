import type { OpenConnection } from '#engine/connection/connection.ts'
import type { IntegrationKind } from '#engine/medium.ts'
import type { Outside } from '#workers/egress/outside.ts'
import { discordWebhookDriver } from './discord-webhook.ts'
import { emailDriver } from './email.ts'
import { logFileDriver } from './log-file.ts'
import type { Notifier } from './notifier.ts'
import { opsgenieDriver } from './opsgenie.ts'
import { pagerDutyDriver } from './pagerduty.ts'
import { serviceNowDriver } from './servicenow.ts'
import { slackWebhookDriver } from './slack-webhook.ts'
import { teamsWorkflowDriver } from './teams-workflow.ts'
import { tellingLess } from './telling-less.ts'
import { webhookDriver } from './webhook.ts'

/** How one kind of integration speaks: a notifier for one connection, made for one message and thrown away with its secrets. */
export type Driver = (connection: OpenConnection, outside: Outside) => Notifier

export const drivers: Readonly<Record<IntegrationKind, Driver>> = {
  webhook: tellingLess(webhookDriver),
  email: emailDriver,
  pagerduty: pagerDutyDriver,
  opsgenie: tellingLess(opsgenieDriver),
  servicenow: tellingLess(serviceNowDriver),
  'slack-webhook': tellingLess(slackWebhookDriver),
  'teams-workflow': tellingLess(teamsWorkflowDriver),
  'discord-webhook': tellingLess(discordWebhookDriver),
  'log-file': logFileDriver,
}
