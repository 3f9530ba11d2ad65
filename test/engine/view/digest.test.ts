import { array, assert, property } from 'fast-check'
import { expect, test } from 'vitest'
import { renderDiscord } from '#engine/message/discord.ts'
import { plainMessage } from '#engine/message/plain.ts'
import { renderSlack } from '#engine/message/slack.ts'
import { renderSlackWebhook } from '#engine/message/slack-webhook.ts'
import { renderTeamsWorkflow } from '#engine/message/teams-workflow.ts'
import { renderTeams } from '#engine/message/teams.ts'
import { composeDigest, type Digest, mostInDigest } from '#engine/view/digest.ts'
import { complaintsAboutMessage } from '#test/harness/discord-limits.ts'
import { after, anIncident, start } from '#test/harness/engine-things.ts'
import { hostileText } from '#test/harness/slack-hostile-text.ts'
import { slackComplaints } from '#test/harness/slack-limits.ts'
import { teamsCardProblems } from '#test/harness/teams-limits.ts'

const digest: Digest = {
  beganAt: start,
  firing: 9200,
  acknowledged: 300,
  resolved: 500,
  open: { CRITICAL: 4000, WARNING: 5500, INFO: 0 },
  worst: [anIncident({ title: 'Card payments are failing' })],
  over: [],
}
const chat = { way: 'kept', isChat: true, base: 'https://tocsin.example' } as const

test('it counts everything, shows the worst, and says how each is handled', () => {
  const said = composeDigest(digest, chat, after(60))
  expect(said).toMatchObject({ tone: 'critical', actions: [{ command: 'list' }] })
  expect(plainMessage(said)).toContain('10000 alerts at once: 9200 firing, 300 acknowledged, 500 resolved')
  expect(plainMessage(said)).toContain('#42 Card payments are failing')
  expect(plainMessage(said)).toContain('/alert ack 42')
  expect(plainMessage(said)).toContain('9499 more are open')
})

test('it is over when all of it is', () => {
  const over = {
    ...digest,
    firing: 0,
    acknowledged: 0,
    open: { CRITICAL: 0, WARNING: 0, INFO: 0 },
    worst: [],
  }
  expect(composeDigest(over, { ...chat, base: undefined }, after(60))).toMatchObject({
    tone: 'resolved',
    items: [],
    actions: [],
  })
  const taken = { ...over, acknowledged: 1 }
  expect(composeDigest(taken, chat, after(60)).tone).toBe('acknowledged')
})

test('where it is posted again it says what is over since, and sends nobody to commands that nobody hears', () => {
  const place = { way: 'repeated', isChat: false, base: 'https://tocsin.example' } as const
  const over = [anIncident({ title: 'Disk is full', state: 'RESOLVED', resolvedAt: after(30) })]
  const said = plainMessage(composeDigest({ ...digest, over }, place, after(60)))
  expect(said).toContain('Resolved since the last digest: 1')
  expect(said).toContain('Disk is full')
  expect(said).toContain('9499 more are open: look at them on the page')
  expect(said).not.toContain('/alert')
})

test('every chat takes it, whatever the alerts are called', () => {
  assert(
    property(array(hostileText, { minLength: mostInDigest, maxLength: mostInDigest }), (titles) => {
      const worst = titles.map((title, index) => ({
        ...anIncident({ title, entity: title, summary: title }),
        number: index + 1,
      }))
      const said = composeDigest({ ...digest, worst }, chat, after(60))
      expect(slackComplaints('message', renderSlack(said))).toEqual([])
      expect(complaintsAboutMessage(renderDiscord(said))).toEqual([])
      expect(teamsCardProblems(renderTeams(said))).toEqual([])
      const repeated = composeDigest(
        { ...digest, worst, over: worst },
        { ...chat, way: 'repeated' },
        after(60),
      )
      const { unfurl_links: _links, unfurl_media: _media, ...posted } = renderSlackWebhook(repeated)
      expect(slackComplaints('message', posted)).toEqual([])
      expect(teamsCardProblems(renderTeamsWorkflow(repeated).attachments[0].content)).toEqual([])
    }),
    { numRuns: 50 },
  )
})
