import type { FastifyInstance } from 'fastify'
import type { Desk } from '#bot/desk.ts'
import {
  changeContacts,
  deleteContacts,
  insertContacts,
  listContacts,
} from '#db/repositories/contact-directory.ts'
import { readContact, readProfileChange } from '#engine/directory/contact-draft.ts'
import { presentContact } from '#engine/view/flapjack-directory.ts'
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

export interface Named {
  readonly Params: { readonly ids: string }
}

/** Of all, or of some. */
export interface Asked {
  readonly Params: { readonly ids?: string }
}

const plural = 'contacts'

export function serveContacts(scope: FastifyInstance, { db }: Desk, at: Whereabouts): void {
  scope.post('/contacts', async (request, reply) => {
    const drafts = readWrapped(request.body, plural, readContact, {
      status: 422,
      because: 'No valid contacts were submitted: send { "contacts": [ … ] }.',
    })
    return answerCreated(request, reply, { at, plural, ids: await insertContacts(db, drafts) })
  })
  for (const path of ['/contacts', '/contacts/:ids']) {
    scope.get<Asked>(path, async ({ params }, reply) => {
      const ids = idsAsked(params.ids)
      const found = await listContacts(db, ids ? { ids } : {})
      requireSome(found, ids, 'contact')
      return answer(reply, { contacts: found.map(presentContact) })
    })
  }
  scope.patch<Named>('/contacts/:ids', async ({ params, body }, reply) => {
    const patch = readPatch(body, plural)
    await changeContacts(db, idsIn(params.ids), {
      profile: accepted(readProfileChange(patch.replaced)),
      entities: changesOf(patch, 'entities'),
      rules: changesOf(patch, 'notification_rules'),
    })
    return reply.code(204).send()
  })
  scope.delete<Named>('/contacts/:ids', async ({ params }, reply) => {
    await deleteContacts(db, idsIn(params.ids))
    return reply.code(204).send()
  })
}
