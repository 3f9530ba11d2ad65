import { formatDuration } from '#engine/duration.ts'
import type { Line, Picture } from '#engine/message/message.ts'
import { type Answer, type Slots, slotInstant } from '#engine/telemetry/telemetry.ts'
import type { Episode, RulePreview } from '#engine/view/rule-form.ts'
import { describeCondition } from '#engine/view/rule-list.ts'
import { nothingFails, type Reading, type Standing } from './condition.ts'
import { type Condition, definitionOf } from './conditions/registry.ts'
import { formatQuantity } from './quantity.ts'
import type { RuleDraft } from './rule.ts'

/** What the rule would have done over these slots, judged by the very evaluator that will run it. */
export function previewRule(draft: RuleDraft, slots: Slots, answers: readonly Answer[]): RulePreview {
  const readings = readingsOf(draft.condition, answers)
  const episodes = wouldHaveFired(readings, slots, draft.forDurationSeconds)
  return {
    episodes,
    lines: [
      ...subjectLines(draft),
      currently(readings.at(-1)),
      verdict(episodes, slots),
      ...overlooked(draft, slots, answers),
    ],
    picture: drawPicture(
      draft.condition,
      slots,
      answers,
      episodes.map((episode) => episode.from),
    ),
  }
}

/** Whoever trusts the picture has to know where nobody looked. */
function overlooked({ condition }: RuleDraft, slots: Slots, answers: readonly Answer[]): Line[] {
  const { question, overlooked: overlookedBy } = definitionOf(condition)
  const { windowSeconds } = question(condition, '')
  const gapSeconds = slots.stepSeconds - windowSeconds
  const gaps: Line[] =
    gapSeconds > 0
      ? [
          [
            `It was looked at every ${formatDuration(slots.stepSeconds)}, and not at the ${formatDuration(gapSeconds)} between.`,
          ],
        ]
      : []
  const words = overlookedBy?.(condition, answers)
  return words === undefined ? gaps : [...gaps, [words]]
}

const mostSubjects = 5

/** The same where nobody knows how things were: what it sees now. */
export function previewNow(draft: RuleDraft, answers: readonly Answer[]): RulePreview {
  const { judge } = definitionOf(draft.condition)
  const readings = answers.flatMap((answer) => judge(draft.condition, answer, nothingFails))
  const failing = readings.filter(({ verdict }) => verdict === 'breach')
  const shown = (failing.length > 0 ? failing : readings).slice(0, mostSubjects)
  const verdict =
    failing.length === 0
      ? 'Right now it would be quiet.'
      : `Right now it would see ${failing.length} ${failing.length === 1 ? 'problem' : 'problems'}.`
  return {
    lines: [
      ...subjectLines(draft),
      [verdict],
      ...shown.flatMap(({ summary }) => (summary === undefined ? [] : [[summary]])),
      ['How it was in the last hours is not known.'],
    ],
  }
}

function subjectLines(draft: RuleDraft): Line[] {
  return [
    [{ strong: draft.name }, ` · ${draft.severity}`],
    [
      describeCondition(draft.condition),
      draft.forDurationSeconds > 0 ? `, for ${formatDuration(draft.forDurationSeconds)}` : '',
    ],
  ]
}

export function drawPicture(
  condition: Condition,
  slots: Slots,
  answers: readonly Answer[],
  marks: readonly Date[],
): Picture {
  const readings = readingsOf(condition, answers)
  const { threshold, unit, breachesAbove } = readings.find((reading) => reading !== undefined) ?? {
    threshold: 0,
    unit: 'none',
    breachesAbove: true,
  }
  return {
    from: slots.from.toISOString(),
    stepSeconds: slots.stepSeconds,
    values: readings.map((reading) => reading?.value ?? null),
    threshold,
    unit,
    breachesAbove,
    marks: marks.map((mark) => mark.toISOString()),
  }
}

const failing: Standing = { isFailing: () => true }

/** One for each slot: of many subjects the worst. What fired goes on until it recovers, as it will. */
function readingsOf(condition: Condition, answers: readonly Answer[]): (Reading | undefined)[] {
  let standing = nothingFails
  return answers.map((answer) => {
    const reading = worst(definitionOf(condition).judge(condition, answer, standing))
    if (reading?.verdict === 'breach') standing = failing
    if (reading?.verdict === 'clear') standing = nothingFails
    return reading
  })
}

function worst(readings: readonly Reading[]): Reading | undefined {
  const breaching = readings.filter(({ verdict }) => verdict === 'breach')
  const candidates = breaching.length > 0 ? breaching : readings
  const sign = candidates[0]?.breachesAbove === false ? -1 : 1
  const badness = ({ value }: Reading) => (value === null ? -Infinity : sign * value)
  return candidates.reduce<Reading | undefined>(
    (most, reading) => (most === undefined || badness(reading) > badness(most) ? reading : most),
    undefined,
  )
}

/** No data keeps whatever was: the default policy, and the honest reading of a gap. */
function wouldHaveFired(
  readings: readonly (Reading | undefined)[],
  slots: Slots,
  forDurationSeconds: number,
): Episode[] {
  const episodes: Episode[] = []
  let breachSince: Date | undefined
  let firingSince: Date | undefined
  for (const [index, reading] of readings.entries()) {
    const verdict = reading?.verdict
    const at = slotInstant(slots, index)
    if (verdict === 'breach') {
      breachSince ??= at
      if (!firingSince && at.getTime() - breachSince.getTime() >= forDurationSeconds * 1000) firingSince = at
    }
    if (verdict === 'clear') {
      if (firingSince) episodes.push({ from: firingSince, to: at })
      breachSince = undefined
      firingSince = undefined
    }
  }
  return firingSince ? [...episodes, { from: firingSince, to: undefined }] : episodes
}

function currently(reading: Reading | undefined): Line {
  if (!reading || reading.value === null) return ['Right now there is no data to judge.']
  const value = formatQuantity(reading.value, reading.unit)
  return [
    'Right now it is ',
    { strong: value },
    reading.verdict === 'breach' ? ': it would be firing.' : ': it would be quiet.',
  ]
}

function verdict(episodes: readonly Episode[], slots: Slots): Line {
  const span = formatDuration(slots.stepSeconds * slots.count)
  if (episodes.length === 0) return [`In the last ${span} it would not have fired.`]
  const end = slotInstant(slots, slots.count - 1)
  const seconds = episodes.reduce(
    (sum, { from, to }) => sum + ((to ?? end).getTime() - from.getTime()) / 1000,
    0,
  )
  const times = episodes.length === 1 ? 'once' : `${episodes.length} times`
  return [
    `In the last ${span} it would have fired `,
    { strong: times },
    `, for ${formatDuration(seconds)} in all.`,
  ]
}
