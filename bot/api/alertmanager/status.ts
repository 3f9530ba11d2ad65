import type { FastifyInstance } from 'fastify'
import type { Desk } from '#bot/desk.ts'
import type { Database } from '#db/client.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { listInhibitionRules } from '#db/repositories/inhibition-rules.ts'
import { inhibitionsYaml } from '#engine/view/inhibitions-yaml.ts'
import { presentReceivers, presentStatus, spokenVersion } from '#engine/view/alertmanager.ts'
import { alertmanagerYaml } from '#engine/view/alertmanager-config.ts'
import { routingYaml } from '#engine/view/routing-yaml.ts'
import { resolveTimeoutSeconds } from './alerts.ts'
import { loadReceivers } from './receivers.ts'

/** `GET /status` and `GET /receivers`. */
export function serveStatus(scope: FastifyInstance, { db, clock }: Desk): void {
  const startedAt = clock()
  scope.get('/status', { schema: { hide: true } }, async () =>
    presentStatus({
      version: spokenVersion,
      revision: 'tocsin',
      startedAt,
      configYaml: await configOf(db),
    }),
  )
  scope.get('/receivers', { schema: { hide: true } }, async () => {
    const { names } = await loadReceivers(db, firstEnvironment.slug)
    return presentReceivers(names)
  })
}

async function configOf(db: Database): Promise<string> {
  const [{ routing, names }, inhibitions] = await Promise.all([
    loadReceivers(db, firstEnvironment.slug),
    listInhibitionRules(db, firstEnvironment.slug),
  ])
  const routes = routing ? routingYaml(routing.document) : alertmanagerYaml(names, resolveTimeoutSeconds)
  return routes + inhibitionsYaml(inhibitions)
}
