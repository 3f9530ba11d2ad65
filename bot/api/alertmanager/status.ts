import type { FastifyInstance } from 'fastify'
import type { Desk } from '#bot/desk.ts'
import { listReceivers } from '#db/repositories/destinations.ts'
import { presentReceivers, presentStatus, spokenVersion } from '#engine/view/alertmanager.ts'
import { alertmanagerYaml } from '#engine/view/alertmanager-config.ts'
import { resolveTimeoutSeconds } from './alerts.ts'

/** `GET /status` and `GET /receivers`. */
export function serveStatus(scope: FastifyInstance, { db, clock }: Desk): void {
  const startedAt = clock()
  scope.get('/status', { schema: { hide: true } }, async () =>
    presentStatus({
      version: spokenVersion,
      revision: 'tocsin',
      startedAt,
      configYaml: alertmanagerYaml(await listReceivers(db), resolveTimeoutSeconds),
    }),
  )
  scope.get('/receivers', { schema: { hide: true } }, async () => presentReceivers(await listReceivers(db)))
}
