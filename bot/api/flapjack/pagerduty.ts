import type { FastifyInstance } from 'fastify'
import type { Desk } from '#bot/desk.ts'
import { NotFound, quoteNames } from '#db/errors.ts'
import { listContacts } from '#db/repositories/contact-directory.ts'
import { deleteMedia, putMedia } from '#db/repositories/contact-media.ts'
import { readPagerdutyCredentials } from '#engine/directory/pagerduty-draft.ts'
import { presentPagerdutyCredentials } from '#engine/view/flapjack-directory.ts'
import {
  accepted,
  answer,
  answerCreated,
  idsAsked,
  idsIn,
  readPatch,
  readWrapped,
  Refused,
  type Whereabouts,
} from './answer.ts'
import type { Asked, Named } from './contacts.ts'

interface OfContact {
  readonly Params: { readonly contact: string }
}

const plural = 'pagerduty_credentials'

/** They are a contact's medium `pagerduty`: the key goes in, is sealed, and never comes out. Their id is the contact's. */
export function servePagerdutyCredentials(
  scope: FastifyInstance,
  { db, secrets }: Desk,
  at: Whereabouts,
): void {
  const keeping = { db, secrets }
  scope.post<OfContact>('/contacts/:contact/pagerduty_credentials', async (request, reply) => {
    const { contact } = request.params
    const drafts = readWrapped(request.body, plural, readPagerdutyCredentials, {
      status: 422,
      because: 'No valid PagerDuty credentials were submitted: send { "pagerduty_credentials": [ … ] }.',
    })
    try {
      await putMedia(keeping, contact, drafts)
    } catch (error) {
      if (!(error instanceof NotFound)) throw error
      throw new Refused(422, [`Contact id: ${quoteNames([contact])} could not be loaded: create it first.`])
    }
    return answerCreated(request, reply, { at, plural, ids: [contact] })
  })
  for (const path of ['/pagerduty_credentials', '/pagerduty_credentials/:ids']) {
    scope.get<Asked>(path, async ({ params }, reply) => {
      const ids = idsAsked(params.ids)
      const contacts = ids ? await requireContacts(db, ids) : await listContacts(db)
      return answer(reply, { pagerduty_credentials: contacts.flatMap(presentPagerdutyCredentials) })
    })
  }
  scope.patch<Named>('/pagerduty_credentials/:ids', async ({ params, body }, reply) => {
    const contacts = await requireContacts(db, idsIn(params.ids))
    const { replaced } = readPatch(body, plural)
    if (Object.hasOwn(replaced, 'service_key')) {
      const draft = accepted(readPagerdutyCredentials(replaced))
      for (const { id } of contacts) await putMedia(keeping, id, [draft])
    }
    return reply.code(204).send()
  })
  scope.delete<Named>('/pagerduty_credentials/:ids', async ({ params }, reply) => {
    await deleteMedia(
      db,
      idsIn(params.ids).map((contactId) => ({ contactId, type: 'pagerduty' })),
    )
    return reply.code(204).send()
  })
}

async function requireContacts(db: Desk['db'], ids: readonly string[]) {
  const contacts = await listContacts(db, { ids })
  const found = new Set(contacts.map(({ id }) => id))
  const missing = ids.filter((id) => !found.has(id))
  if (missing.length > 0) throw new NotFound(`contact ${quoteNames(missing)}`)
  return contacts
}
