import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Desk } from '#bot/desk.ts'
import {
  changeRules,
  deleteRules,
  listRulesWithImplicit,
  putRules,
} from '#db/repositories/notification-rules.ts'
import { readNewRuleWithId, readRuleChange } from '#engine/directory/rule-draft.ts'
import { presentRule } from '#engine/view/flapjack-directory.ts'
import {
  answer,
  answerCreated,
  idsAsked,
  idsIn,
  readPatch,
  readWrapped,
  requireSome,
  type Whereabouts,
} from './answer.ts'
import type { Asked, Named } from './contacts.ts'

interface OfContact {
  readonly Params: { readonly contact: string }
}

const plural = 'notification_rules'

export function serveNotificationRules(scope: FastifyInstance, { db }: Desk, at: Whereabouts): void {
  scope.post<OfContact>('/contacts/:contact/notification_rules', async (request, reply) => {
    const drafts = readWrapped(request.body, plural, readNewRuleWithId, {
      status: 422,
      because: 'No valid notification rules were submitted: send { "notification_rules": [ … ] }.',
    }).map(({ id, rule }) => ({ id: id ?? randomUUID(), rule }))
    await putRules(db, request.params.contact, drafts)
    return answerCreated(request, reply, { at, plural, ids: drafts.map(({ id }) => id) })
  })
  for (const path of ['/notification_rules', '/notification_rules/:ids']) {
    scope.get<Asked>(path, async ({ params }, reply) => {
      const ids = idsAsked(params.ids)
      const found = await listRulesWithImplicit(db, ids)
      requireSome(found, ids, 'notification rule')
      return answer(reply, { notification_rules: found.map(presentRule) })
    })
  }
  scope.patch<Named>('/notification_rules/:ids', async ({ params, body }, reply) => {
    // A value that is none is passed over, and the others count.
    const changes = Object.entries(readPatch(body, plural).replaced).flatMap(([attribute, value]) => {
      const reading = readRuleChange({ [attribute]: value })
      return reading.kind === 'read' ? [reading.value] : []
    })
    await changeRules(db, idsIn(params.ids), (rule) =>
      changes.reduce((changed, change) => change(changed), rule),
    )
    return reply.code(204).send()
  })
  scope.delete<Named>('/notification_rules/:ids', async ({ params }, reply) => {
    await deleteRules(db, idsIn(params.ids))
    return reply.code(204).send()
  })
}
