import type { OpenConnection } from '#engine/connection/connection.ts'
import type { IntegrationKind } from '#engine/medium.ts'
import type { Outside } from '#workers/egress/outside.ts'
import type { Notifier } from './notifier.ts'
import { webhookDriver } from './webhook.ts'

/** How one kind of integration speaks: a notifier for one connection, made for one message and thrown away with its secrets. */
export type Driver = (connection: OpenConnection, outside: Outside) => Notifier

export const drivers: Partial<Readonly<Record<IntegrationKind, Driver>>> = { webhook: webhookDriver }
