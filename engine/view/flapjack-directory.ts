import type { ContactProfile } from '#engine/directory/contact-draft.ts'
import type { Medium } from '#engine/route/contacts.ts'
import { implicitRuleEnd, type NotificationRule } from '#engine/route/rules.ts'
import type { TimeRestriction } from '#engine/route/time-restrictions.ts'

/** What people keep in the directory, in the field names of Flapjack's JSON API 1.x. */

interface ListedContact extends ContactProfile {
  readonly id: string
  readonly media: Readonly<Record<string, Medium>>
  readonly entities: readonly { readonly id: string }[]
  readonly ruleIds: readonly string[]
  readonly hasGeneralRule: boolean
}

export function presentContact(contact: ListedContact) {
  const { id, firstName, lastName, email, timezone } = contact
  return {
    id,
    first_name: firstName,
    last_name: lastName,
    email,
    timezone,
    links: {
      entities: contact.entities.map((entity) => entity.id),
      media: Object.keys(contact.media).map((type) => mediumId(id, type)),
      notification_rules: contact.hasGeneralRule
        ? contact.ruleIds
        : [...contact.ruleIds, id + implicitRuleEnd],
    },
  }
}

export function presentMedia({ id, media }: Pick<ListedContact, 'id' | 'media'>) {
  return Object.entries(media).map(([type, { address, intervalSeconds, rollupThreshold }]) => ({
    id: mediumId(id, type),
    type,
    address,
    interval: intervalSeconds,
    rollup_threshold: rollupThreshold,
    links: { contacts: [id] },
  }))
}

/** Of the key as much as tells it from another. */
export function presentPagerdutyCredentials({ id, media }: Pick<ListedContact, 'id' | 'media'>) {
  const { pagerduty } = media
  return pagerduty ? [{ service_key: pagerduty.address, links: { contacts: [id] } }] : []
}

export function mediumId(contactId: string, type: string): string {
  return `${contactId}_${type}`
}

export function presentRule({ id, contactId, ...rule }: NotificationRule) {
  return {
    id,
    tags: rule.tags.toSorted(),
    regex_tags: rule.regexTags.toSorted(),
    entities: rule.entities,
    regex_entities: rule.regexEntities,
    time_restrictions: rule.timeRestrictions.map(presentTimeRestriction),
    info_media: rule.media.info,
    unknown_media: rule.media.unknown,
    warning_media: rule.media.warning,
    critical_media: rule.media.critical,
    info_blackhole: rule.blackholes.info,
    unknown_blackhole: rule.blackholes.unknown,
    warning_blackhole: rule.blackholes.warning,
    critical_blackhole: rule.blackholes.critical,
    links: { contacts: [contactId] },
  }
}

function presentTimeRestriction(restriction: TimeRestriction) {
  return {
    start_time: restriction.startTime,
    end_time: restriction.endTime,
    rrules: restriction.recurrences.map(presentRecurrence),
    exrules: [],
    rtimes: restriction.extraTimes,
    extimes: restriction.exceptedTimes,
  }
}

/** Lists that ask nothing are left out, as in what was given. */
function presentRecurrence(recurrence: TimeRestriction['recurrences'][number]) {
  const { weekdaysOfMonth } = recurrence
  const validations = Object.entries({
    day: recurrence.weekdays,
    day_of_month: recurrence.daysOfMonth,
    day_of_year: recurrence.daysOfYear,
    month_of_year: recurrence.months,
    hour_of_day: recurrence.hours,
    minute_of_hour: recurrence.minutes,
    second_of_minute: recurrence.seconds,
  }).filter(([, values]) => values.length > 0)
  const nths = Map.groupBy(weekdaysOfMonth, ({ weekday }) => String(weekday))
  const ofMonth = Object.fromEntries([...nths].map(([day, some]) => [day, some.map(({ nth }) => nth)]))
  return {
    rule_type: recurrence.frequency,
    interval: recurrence.interval,
    week_start: recurrence.weekStart,
    validations: {
      ...Object.fromEntries(validations),
      ...(weekdaysOfMonth.length > 0 && { day_of_week: ofMonth }),
    },
    ...(recurrence.until !== null && { until: recurrence.until }),
    ...(recurrence.count !== null && { count: recurrence.count }),
  }
}
