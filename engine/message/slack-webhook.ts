import type { Line } from './message.ts'
import { oneWay } from './one-way.ts'
import { renderSlack, type SlackBlock } from './slack.ts'
import type { Tellable } from './subject.ts'

/** The body of an incoming webhook: a channel it is not asked for, and no name of its own, which only legacy ones took. */
export interface SlackWebhookMessage {
  readonly text: string
  readonly blocks: readonly SlackBlock[]
  readonly unfurl_links: false
  readonly unfurl_media: false
}

/** Nothing in it can be edited or answered, so each is a message of its own that says which incident it is about. */
export function renderSlackWebhook(message: Tellable, news?: Line): SlackWebhookMessage {
  return { ...renderSlack(oneWay(message, news)), unfurl_links: false, unfurl_media: false }
}
