import { array, assert, property } from 'fast-check'
import { expect, test } from 'vitest'
import { renderDiscord } from '#engine/message/discord.ts'
import { plainMessage } from '#engine/message/plain.ts'
import { renderSlack } from '#engine/message/slack.ts'
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
}

test('it counts everything, shows the worst, and says how each is handled', () => {
  const said = composeDigest(digest, after(60), 'https://tocsin.example')
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
  expect(composeDigest(over, after(60), undefined)).toMatchObject({
    tone: 'resolved',
    items: [],
    actions: [],
  })
  const taken = { ...over, acknowledged: 1 }
  expect(composeDigest(taken, after(60), undefined).tone).toBe('acknowledged')
})

test('every chat takes it, whatever the alerts are called', () => {
  assert(
    property(array(hostileText, { minLength: mostInDigest, maxLength: mostInDigest }), (titles) => {
      const worst = titles.map((title, index) => ({
        ...anIncident({ title, entity: title, summary: title }),
        number: index + 1,
      }))
      const said = composeDigest({ ...digest, worst }, after(60), 'https://tocsin.example')
      expect(slackComplaints('message', renderSlack(said))).toEqual([])
      expect(complaintsAboutMessage(renderDiscord(said))).toEqual([])
      expect(teamsCardProblems(renderTeams(said))).toEqual([])
    }),
    { numRuns: 50 },
  )
})
