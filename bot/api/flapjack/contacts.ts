import type { FastifyInstance } from 'fastify'
import type { Desk } from '#bot/desk.ts'
import { NotFound, quoteNames } from '#db/errors.ts'
import {
  changeContacts,
  deleteContacts,
  insertContacts,
  listContacts,
} from '#db/repositories/contact-directory.ts'
import { readContact, readProfileChange } from '#engine/directory/contact-draft.ts'
import { presentContact } from '#engine/view/flapjack-directory.ts'
import { accepted, answer, answerCreated, changesOf, idsIn, readPatch, readWrapped } from './answer.ts'

export interface Named {
  readonly Params: { readonly ids: string }
}

const plural = 'contacts'

export function serveContacts(scope: FastifyInstance, { db }: Desk, prefix: string): void {
  scope.post('/contacts', async (request, reply) => {
    const drafts = readWrapped(request.body, plural, readContact, {
      status: 422,
      because: 'No valid contacts were submitted: send { "contacts": [ … ] }.',
    })
    return answerCreated(request, reply, { prefix, plural, ids: await insertContacts(db, drafts) })
  })
  scope.get('/contacts', async (_request, reply) =>
    answer(reply, { contacts: (await listContacts(db)).map(presentContact) }),
  )
  scope.get<Named>('/contacts/:ids', async ({ params }, reply) => {
    const ids = idsIn(params.ids)
    const found = await listContacts(db, { ids })
    if (found.length === 0) throw new NotFound(`contact ${quoteNames(ids)}`)
    return answer(reply, { contacts: found.map(presentContact) })
  })
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
