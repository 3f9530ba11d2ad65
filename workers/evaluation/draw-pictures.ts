import { savePicture } from '#db/repositories/checks.ts'
import type { Alert } from '#engine/alert.ts'
import { type CompiledRule, questionOf } from '#engine/rule/compile.ts'
import { drawPicture } from '#engine/rule/preview.ts'
import { pictureSlots } from '#engine/telemetry/picture-slots.ts'
import type { Hands } from '#workers/hands.ts'

/** In a storm pictures would compete with the next evaluation for the store; the first ones tell enough. */
const mostPictures = 20

/** Never worth losing the post: without a picture the alert still goes out. */
export async function drawPictures(
  hands: Hands,
  turned: readonly Alert[],
  rules: readonly CompiledRule[],
  slot: Date,
): Promise<void> {
  if (turned.length === 0) return
  const byId = new Map(rules.map((compiled) => [compiled.rule.id, compiled]))
  await Promise.all(
    turned.slice(0, mostPictures).map(async (alert) => {
      const compiled = alert.ruleId === null ? undefined : byId.get(alert.ruleId)
      if (!compiled?.definition.hasPast) return
      try {
        await savePicture(hands.db, alert.id, await picture(hands, alert, compiled, slot))
      } catch (error) {
        hands.log.warn({ err: error, rule: compiled.rule.name }, 'no picture of the metric could be drawn')
      }
    }),
  )
}

async function picture({ telemetry }: Hands, alert: Alert, compiled: CompiledRule, slot: Date) {
  const question = questionOf(compiled)
  const slots = pictureSlots(slot, question.windowSeconds)
  return drawPicture(
    compiled.rule.condition,
    slots,
    await telemetry.trace(question, slots),
    alert.firedAt ? [alert.firedAt] : [],
  )
}
