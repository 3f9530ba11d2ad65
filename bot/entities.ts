import { listChecks } from '#db/repositories/check-directory.ts'
import { listEntities } from '#db/repositories/entity-directory.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { loadRouting } from '#db/repositories/routing.ts'
import type { Answer } from '#engine/command/answer.ts'
import { checksPerEntity, entityCard } from '#engine/view/entity.ts'
import type { Desk } from './desk.ts'

const environment = firstEnvironment.slug

export async function showEntity({ db, settings }: Desk, name: string): Promise<Answer> {
  const key = name.toLowerCase()
  const [entity] = await listEntities(db, { environment, keys: [key] })
  if (!entity) {
    const because = `There is no entity "${name.slice(0, 80)}": it appears with its first event. Check the spelling.`
    return { kind: 'refused', because }
  }
  const checks = await listChecks(db, { environment, entityKeys: [key], limit: checksPerEntity })
  const { links } = await loadRouting(db, settings.routing)
  return { kind: 'message', message: entityCard({ ...entity, key, checks, links }) }
}
