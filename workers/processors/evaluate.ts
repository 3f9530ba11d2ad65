import { setTimeout as pause } from 'node:timers/promises'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { savePicture } from '#db/repositories/checks.ts'
import { type FailingChecks, loadFailingChecks } from '#db/repositories/failing-checks.ts'
import { listRulesToEvaluate, recordProblems } from '#db/repositories/rules.ts'
import type { Alert } from '#engine/alert.ts'
import type { Event } from '#engine/event.ts'
import type { Reading, Standing } from '#engine/rule/condition.ts'
import { definitionOf } from '#engine/rule/conditions/registry.ts'
import { entityOf, observe, observeError, observeGone } from '#engine/rule/observe.ts'
import { drawPicture } from '#engine/rule/preview.ts'
import type { Rule } from '#engine/rule/rule.ts'
import { storeEvent } from '#engine/rule/store-event.ts'
import { pictureSlots } from '#engine/telemetry/picture-slots.ts'
import type { Hands } from '#workers/hands.ts'
import { type Observation, observeRules, questionOf } from './observe-rules.ts'
import { takeIn } from './take-in.ts'

/** A picture that takes longer comes with the next edit of the message. */
const pictureWaitMs = 2000

/** Rules in, decisions out, for the slot's instant and never for "now". */
export async function evaluateRules(hands: Hands, ruleIds: readonly string[], slot: Date): Promise<void> {
  const rules = await listRulesToEvaluate(hands.db, ruleIds, slot)
  if (rules.length === 0) return
  const failing = await loadFailingChecks(hands.db, ruleIds)
  const standingOf = (rule: Rule): Standing => ({
    isFailing: (subject) => failing.get(rule.id)?.has(entityOf(rule, subject).toLowerCase()) ?? false,
  })
  const observation = await observeRules(hands.telemetry, rules, slot, standingOf)
  const events = eventsOf(observation, failing, slot)
  const { turned, notificationIds } = await takeIn(hands.db, events, slot, hands.settings)
  await recordProblems(hands.db, rules, observation.unanswered)
  for (const { rule, because } of observation.unanswered)
    hands.log.warn({ rule: rule.name, because }, 'a rule was not answered')
  await Promise.race([
    drawPictures(hands, turned, rules, slot),
    pause(pictureWaitMs, undefined, { ref: false }),
  ])
  await hands.announce(notificationIds)
}

function eventsOf(
  { answered, unanswered, stores }: Observation,
  failing: FailingChecks,
  slot: Date,
): Event[] {
  const events = [
    ...answered.flatMap(({ rule, readings }) => [
      ...readings.map((reading) => observe(rule, reading, slot)),
      ...goneFrom(rule, readings, failing).map((entity) => observeGone(rule, entity, slot)),
    ]),
    ...unanswered.map(({ rule, because }) => observeError(rule, because, slot)),
    ...[...stores].map(([store, problem]) => storeEvent(firstEnvironment.slug, store, problem, slot)),
  ]
  return events.filter((event) => event !== undefined)
}

/** What a rule over many things failed for, and does not see any more. */
function goneFrom(rule: Rule, readings: readonly Reading[], failing: FailingChecks): string[] {
  if (!definitionOf(rule.condition).hasSubjects) return []
  const seen = new Set(readings.map(({ subject }) => entityOf(rule, subject).toLowerCase()))
  return [...(failing.get(rule.id) ?? [])].flatMap(([key, entity]) => (seen.has(key) ? [] : entity))
}

/** In a storm pictures would compete with the next evaluation for the store; the first ones tell enough. */
const mostPictures = 20

/** Never worth losing the post: without a picture the alert still goes out. */
async function drawPictures(
  hands: Hands,
  turned: readonly Alert[],
  rules: readonly Rule[],
  slot: Date,
): Promise<void> {
  const byId = new Map(rules.map((rule) => [rule.id, rule]))
  await Promise.all(
    turned.slice(0, mostPictures).map(async (alert) => {
      const rule = alert.ruleId === null ? undefined : byId.get(alert.ruleId)
      if (!rule || !definitionOf(rule.condition).hasPast) return
      try {
        await savePicture(hands.db, alert.id, await picture(hands, alert, rule, slot))
      } catch (error) {
        hands.log.warn({ err: error, rule: rule.name }, 'no picture of the metric could be drawn')
      }
    }),
  )
}

async function picture({ telemetry }: Hands, alert: Alert, rule: Rule, slot: Date) {
  const question = questionOf(rule)
  const slots = pictureSlots(slot, question.windowSeconds)
  return drawPicture(
    rule.condition,
    slots,
    await telemetry.trace(question, slots),
    alert.firedAt ? [alert.firedAt] : [],
  )
}
