import { openSlack, type SlackSettings } from '#bot/slack/app.ts'
import { slackNotifier } from '#workers/notifiers/slack.ts'
import { localSlackSettings, startLocalSlack } from './local-slack.ts'
import { openPorch } from './slack-http.ts'
import { startHouse } from './start-house.ts'

export type SlackMode = 'http' | 'socket'

/** The real house with its Slack door and its Slack notifier, on a Slack nobody here wrote. */
export async function startSlackHouse(mode: SlackMode) {
  const porch = await openPorch()
  const slack = await startLocalSlack(mode === 'http' ? porch.url : undefined)
  const { botToken, appToken, signingSecret, alertChannel } = localSlackSettings
  const house = await startHouse({ notifiers: { slack: slackNotifier({ botToken, apiUrl: slack.apiUrl }) } })
  const settings: SlackSettings = {
    botToken,
    signingSecrets: [signingSecret],
    channel: alertChannel,
    apiUrl: slack.apiUrl,
    ...(mode === 'socket' && { appToken }),
    allowedResponseHosts: ['127.0.0.1'],
  }
  const door =
    mode === 'http' ? await porch.open(settings, house.front) : await openSlack(settings, house.front)
  return {
    slack,
    house,
    door,
    close: async () => {
      await door.close()
      await porch.close()
      await house.close()
      await slack.close()
    },
  }
}
