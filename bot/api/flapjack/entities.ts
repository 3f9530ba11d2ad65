import type { FastifyInstance } from 'fastify'
import type { Desk } from '#bot/desk.ts'
import { keyOfId } from '#db/repositories/check-targets.ts'
import { changeChecks, type CheckRecord, listChecks, putChecks } from '#db/repositories/check-directory.ts'
import {
  changeEntities,
  type EntityRecord,
  listEntities,
  putEntities,
} from '#db/repositories/entity-directory.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { entityName, readCheck, readEntity } from '#engine/directory/entity-draft.ts'
import { readWith } from '#engine/directory/reading.ts'
import {
  accepted,
  answer,
  answerCreated,
  changesOf,
  idsAsked,
  idsIn,
  readPatch,
  readWrapped,
  requireSome,
  type Whereabouts,
} from './answer.ts'
import type { Asked, Named } from './contacts.ts'

interface Enabled {
  readonly Querystring: { readonly enabled?: string }
}

const environment = firstEnvironment.slug

export function serveEntities(scope: FastifyInstance, { db }: Desk, at: Whereabouts): void {
  const plural = 'entities'
  scope.post('/entities', async (request, reply) => {
    const drafts = readWrapped(request.body, plural, readEntity, {
      status: 403,
      because: 'No \'entities\' object received: send { "entities": [ … ] }.',
    })
    await putEntities(db, drafts)
    return answerCreated(request, reply, { at, plural, ids: drafts.map(({ id }) => id) })
  })
  for (const path of ['/entities', '/entities/:ids']) {
    scope.get<Asked & Enabled>(path, async ({ params, query }, reply) => {
      const ids = idsAsked(params.ids)
      const enabled = ids ? undefined : readFlag(query.enabled)
      const only = { ...(ids && { ids }), ...(enabled !== undefined && { enabled }) }
      const found = await listEntities(db, { environment, ...only })
      requireSome(found, ids, 'entity')
      return answer(reply, { entities: found.map(presentEntity) })
    })
  }
  scope.patch<Named>('/entities/:ids', async ({ params, body }, reply) => {
    const patch = readPatch(body, plural)
    const { name } = patch.replaced
    await changeEntities(db, idsIn(params.ids), {
      ...(name !== undefined && { name: accepted(readWith(entityName, name), 'name') }),
      contacts: changesOf(patch, 'contacts'),
      tags: changesOf(patch, 'tags'),
    })
    return reply.code(204).send()
  })
}

export function serveChecks(scope: FastifyInstance, { db }: Desk, at: Whereabouts): void {
  const plural = 'checks'
  scope.post('/checks', async (request, reply) => {
    const drafts = readWrapped(request.body, plural, readCheck, {
      status: 403,
      because: 'No \'checks\' object received: send { "checks": [ … ] }.',
    })
    const ids = await putChecks(db, environment, drafts)
    return answerCreated(request, reply, { at, plural, ids })
  })
  for (const path of ['/checks', '/checks/*']) {
    scope.get<{ Params: { '*'?: string } }>(path, async ({ params }, reply) => {
      const ids = idsAsked(params['*'])
      const found = await listChecks(db, { environment, ...(ids && { keys: ids.map(keyOfId) }) })
      requireSome(found, ids, 'check')
      return answer(reply, { checks: found.map(presentCheck) })
    })
  }
  scope.patch<{ Params: { '*': string } }>('/checks/*', async ({ params, body }, reply) => {
    const patch = readPatch(body, plural)
    const { enabled } = patch.replaced
    await changeChecks(
      db,
      { environment, keys: idsIn(params['*']).map(keyOfId) },
      { ...(typeof enabled === 'boolean' && { enabled }), tags: changesOf(patch, 'tags') },
    )
    return reply.code(204).send()
  })
}

function presentEntity({ id, name, tags, contactIds, checkKeys }: EntityRecord) {
  return { id, name, tags, links: { contacts: contactIds, checks: checkKeys } }
}

function presentCheck({ key, name, entityId, entityName, tags, memory }: CheckRecord) {
  return {
    id: key,
    name,
    entity_name: entityName,
    enabled: memory.isEnabled,
    tags,
    links: { entities: [entityId] },
  }
}

/** What Flapjack takes for yes and no; anything else asks for all. */
function readFlag(text: string | undefined): boolean | undefined {
  const word = text?.toLowerCase() ?? ''
  if (['1', 't', 'true', 'y', 'yes'].includes(word)) return true
  return ['0', 'f', 'false', 'n', 'no'].includes(word) ? false : undefined
}
