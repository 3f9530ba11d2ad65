import type { RespondFn, webApi } from '@slack/bolt'
import { renderSlack } from '#engine/message/slack.ts'
import { renderSlackNotice } from '#engine/view/slack-form.ts'
import type { Reception, Tell } from './reception.ts'
import type { Window } from './window.ts'

/** Beside the click or command, seen by that person only; works five times within thirty minutes. */
export function whisper(respond: RespondFn): Tell {
  return (said) => respond({ response_type: 'ephemeral', replace_original: false, ...renderSlack(said) })
}

/** For what has a response_url but no Bolt listener: requests refused before any listener runs. */
export function whisperTo(responseUrl: string, fetch: webApi.FetchFunction): Tell {
  return (said) =>
    fetch(responseUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, ...renderSlack(said) }),
    })
}

/** In a channel, but seen by one person only. */
export function aside(
  reception: Reception,
  where: { channel: string; user: string; thread_ts?: string },
): Tell {
  return (said) => reception.client.chat.postEphemeral({ ...where, ...renderSlack(said) })
}

/** In the conversation between that person and the app. */
export function direct(reception: Reception, channelOrUser: string): Tell {
  const { postMessage: post } = reception.client.chat
  return (said) =>
    post({ channel: channelOrUser, unfurl_links: false, unfurl_media: false, ...renderSlack(said) })
}

export function inWindow(window: Window): Tell {
  return (said) => window.show(renderSlackNotice('Tocsin', said))
}

/** The second way where the first one no longer works, e.g. an expired response_url. */
export function either(first: Tell, second: Tell): Tell {
  return (said) => first(said).catch(() => second(said))
}
