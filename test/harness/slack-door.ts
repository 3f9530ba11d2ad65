import type { SlackSettings } from '#bot/slack/app.ts'
import { startSlackApi } from './slack-api.ts'
import { slackFront } from './slack-front.ts'
import { openPorch, sendSigned, type SignedParts } from './slack-http.ts'

/** The real door over HTTP, between a front with some state and a Slack that only records. */
export async function openSlackDoor(settings: Partial<SlackSettings> = {}) {
  const [api, porch, front] = [await startSlackApi(), await openPorch(), slackFront()]
  const ordinary = {
    botToken: 'xoxb-test',
    signingSecrets: ['first-secret', 'second-secret'],
    channel: 'C0ALERTS',
    apiUrl: api.url,
  }
  const door = await porch.open({ ...ordinary, ...settings }, front)
  return {
    api,
    front,
    door,
    url: porch.url,
    send: (body: string, parts?: SignedParts) => sendSigned(porch.url, body, parts),
    close: async () => {
      await porch.close()
      await api.close()
    },
  }
}
