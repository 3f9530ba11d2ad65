import type { OpenConnection } from '#engine/connection/connection.ts'
import type { Line } from '#engine/message/message.ts'
import { renderSlackWebhook } from '#engine/message/slack-webhook.ts'
import type { Tellable } from '#engine/message/subject.ts'
import type { Outside, OutsideAnswer } from '#workers/egress/outside.ts'
import { refusedBy } from '#workers/egress/refused-by.ts'
import { DeliveryError, type Notifier } from './notifier.ts'

/** Slack's own words, https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
const advice: Readonly<Record<string, string>> = {
  channel_not_found: 'the channel is gone; make a webhook for another one',
  channel_is_archived: 'the channel is archived; unarchive it or make a webhook for another one',
  user_not_found: 'whoever it was made for is gone; make a new webhook',
  no_service: 'the webhook was removed; make a new one',
  no_service_id: 'the URL is not whole; copy it again',
  no_team: 'the workspace is gone',
  team_disabled: 'the workspace is disabled',
  invalid_token: 'the URL is not right; copy it again',
  action_prohibited: 'an admin of the workspace does not let apps post there',
  posting_to_general_channel_denied: 'an admin does not let apps post in the general channel',
  invalid_payload: 'it does not take this message',
  too_many_attachments: 'it does not take this message',
}

/** It says `ok` and nothing more, so nothing can be edited or threaded: every turn is a new message. */
export function slackWebhookDriver({ secrets }: OpenConnection, outside: Outside): Notifier {
  const say = async (message: Tellable, news?: Line) => {
    const answer = await outside.request({
      url: secrets['url'] ?? '',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(renderSlackWebhook(message, news)),
    })
    const refused = refusedBy(answer, outside.clock())
    if (refused) throw explained(refused, answer)
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

function explained(refused: DeliveryError, { text }: OutsideAnswer): DeliveryError {
  const word = text.trim()
  const why = Object.hasOwn(advice, word) ? advice[word] : undefined
  if (why === undefined) return refused
  const { retry, afterMs, fault, status } = refused
  return new DeliveryError(`Slack refused the message (${word}): ${why}.`, {
    retry,
    ...(afterMs !== undefined && { afterMs }),
    ...(fault !== undefined && { fault }),
    ...(status !== undefined && { status }),
  })
}
