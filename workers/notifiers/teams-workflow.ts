import type { OpenConnection } from '#engine/connection/connection.ts'
import type { Line } from '#engine/message/message.ts'
import type { Tellable } from '#engine/message/subject.ts'
import { renderTeamsWorkflow } from '#engine/message/teams-workflow.ts'
import type { Outside } from '#workers/egress/outside.ts'
import { refusedBy } from '#workers/egress/refused-by.ts'
import { DeliveryError, type Notifier } from './notifier.ts'

/** Teams' old endpoints told of their limits in the text of a 200. */
const limitInText = /returned HTTP error 429/

/** 202 means that the flow was started; nothing can be edited, so every turn is a new card. */
export function teamsWorkflowDriver({ secrets }: OpenConnection, outside: Outside): Notifier {
  const say = async (message: Tellable, news?: Line) => {
    const answer = await outside.request({
      url: secrets['url'] ?? '',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(renderTeamsWorkflow(message, news)),
    })
    const refused = refusedBy(answer, outside.clock())
    if (refused) throw refused
    if (limitInText.test(answer.text))
      throw new DeliveryError('Teams takes no more messages for now.', {
        retry: 'later',
        fault: 'rate-limited',
      })
  }
  return {
    post: async (_address, message) => {
      await say(message)
      return {}
    },
    update: async () => undefined,
    reply: (_receipt, line, _deliveryId, message) => say(message, line),
  }
}
