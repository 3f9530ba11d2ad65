import type { FastifyInstance } from 'fastify'
import type { Desk } from '#bot/desk.ts'
import { NotFound, quoteNames } from '#db/errors.ts'
import { listContacts } from '#db/repositories/contact-directory.ts'
import { answer, idsIn, Refused } from './answer.ts'
import type { Asked, Named } from './contacts.ts'

const because =
  'PagerDuty credentials are secrets, and this house has no encrypted place for those of contacts yet: nothing was kept. Leave them out.'

/** There are none, and none can be made: what cannot be encrypted is not stored. */
export function servePagerdutyCredentials(scope: FastifyInstance, { db }: Desk): void {
  const requireContacts = async (text: string) => {
    const ids = idsIn(text)
    const found = new Set((await listContacts(db, { ids })).map(({ id }) => id))
    const missing = ids.filter((id) => !found.has(id))
    if (missing.length > 0) throw new NotFound(`contact ${quoteNames(missing)}`)
  }
  scope.post('/contacts/:contact/pagerduty_credentials', async () => {
    throw new Refused(422, [because])
  })
  for (const path of ['/pagerduty_credentials', '/pagerduty_credentials/:ids']) {
    scope.get<Asked>(path, async ({ params }, reply) => {
      await requireContacts(params.ids ?? '')
      return answer(reply, { pagerduty_credentials: [] })
    })
  }
  scope.patch('/pagerduty_credentials/:ids', async () => {
    throw new Refused(422, [because])
  })
  scope.delete<Named>('/pagerduty_credentials/:ids', async ({ params }, reply) => {
    await requireContacts(params.ids)
    return reply.code(204).send()
  })
}
