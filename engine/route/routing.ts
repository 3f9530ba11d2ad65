import { type FailingState, failingStates } from '#engine/notify/severity.ts'
import { compileLinks, type Contact, type ContactLink, type LinkTable, type Medium } from './contacts.ts'
import type { ListenerMedium } from './media.ts'
import { compilePattern, type Pattern } from './pattern.ts'
import { indexRules, type RuleIndex } from './rule-index.ts'
import {
  type CompiledRule,
  compileRule,
  implicitGeneralRule,
  implicitRuleOfNamed,
  type NotificationRule,
  type RuleCompiler,
} from './rules.ts'
import { compileCrowds, type CrowdMember, type Crowds } from './targets.ts'
import { compileTimeRestriction, type IsOpen, type TimeRestriction } from './time-restrictions.ts'
import { openZone, type Zone } from './wall-clock.ts'

export interface RoutingTables {
  readonly contacts: readonly Contact[]
  readonly rules: readonly NotificationRule[]
  readonly links: readonly ContactLink[]
  readonly crowds: readonly CrowdMember[]
}

export interface RoutingSettings {
  readonly defaultTimezone: string
  readonly defaultIntervalSeconds: number
  /**
   * Flapjack tells a contact twice who is linked to a check in two ways (`rte-all-and-direct`). Nobody wants that; it is
   * here for whoever has to compare the two.
   */
  readonly tellOncePerLink: boolean
}

export const defaultRoutingSettings: RoutingSettings = {
  defaultTimezone: 'UTC',
  defaultIntervalSeconds: 900,
  tellOncePerLink: false,
}

/** Contacts, rules and links, compiled once for many events. */
export interface Routing {
  readonly listeners: ReadonlyMap<string, Listener>
  readonly links: LinkTable
  readonly crowds: Crowds
  readonly index: RuleIndex
  /** Linked to everything, and with a general rule that names a medium they have: the others need not be asked. */
  readonly talkative: Readonly<Record<FailingState, readonly string[]>>
  readonly settings: RoutingSettings
}

export interface Listener {
  readonly contactId: string
  readonly media: readonly ListenerMedium[]
  readonly general: readonly CompiledRule[]
  readonly specific: readonly CompiledRule[]
  /** Whoever wrote no general rule and is named by a rule hears of it whatever its severity. */
  readonly whenNamed: readonly CompiledRule[]
}

export function compileRouting(tables: RoutingTables, settings: RoutingSettings): Routing {
  const compilers = zoneCompilers(settings)
  const rulesOf = Map.groupBy(tables.rules, (rule) => rule.contactId)
  const listeners = new Map(
    tables.contacts.map((contact) => [
      contact.id,
      compileListener(contact, rulesOf.get(contact.id) ?? [], {
        compiler: compilers(contact.timezone),
        settings,
      }),
    ]),
  )
  const links = compileLinks(tables.links)
  const index = indexRules([...listeners.values()].flatMap((listener) => listener.specific))
  const talkative = Object.fromEntries(
    failingStates.map((severity) => [
      severity,
      [...links.toAll].filter((id) => isTalkative(listeners.get(id), severity)),
    ]),
  ) as Record<FailingState, string[]>
  return { listeners, links, crowds: compileCrowds(tables.crowds), index, talkative, settings }
}

interface ListenerOptions {
  readonly compiler: RuleCompiler
  readonly settings: RoutingSettings
}

function compileListener(
  contact: Contact,
  own: readonly NotificationRule[],
  { compiler, settings }: ListenerOptions,
): Listener {
  const compiled = own.map((rule) => compileRule(rule, compiler))
  const specific = compiled.filter((rule) => rule.isSpecific)
  const general = compiled.filter((rule) => !rule.isSpecific)
  return {
    contactId: contact.id,
    media: Object.entries(contact.media).map(([name, medium]) => compileMedium(name, medium, settings)),
    general: general.length > 0 ? general : [compileRule(implicitGeneralRule(contact), compiler)],
    specific,
    whenNamed: general.length > 0 ? general : [compileRule(implicitRuleOfNamed(contact), compiler)],
  }
}

/** PagerDuty keeps its own incidents: it has no interval to set and is never summarised. */
function compileMedium(name: string, medium: Medium, settings: RoutingSettings): ListenerMedium {
  const isPagerduty = name === 'pagerduty'
  const intervalSeconds =
    aboveZero(isPagerduty ? null : medium.intervalSeconds) ?? settings.defaultIntervalSeconds
  return {
    name,
    address: medium.address,
    intervalSeconds,
    rollupThreshold: isPagerduty ? null : aboveZero(medium.rollupThreshold),
  }
}

function aboveZero(value: number | null): number | null {
  return value !== null && value > 0 ? value : null
}

function isTalkative(listener: Listener | undefined, severity: FailingState): boolean {
  return (
    listener?.media.some((medium) =>
      listener.general.some(({ rule }) => rule.media[severity].includes(medium.name)),
    ) ?? false
  )
}

/** Thousands of rules share few patterns and few hours: each is compiled once. */
function zoneCompilers(settings: RoutingSettings): (timezone: string | null) => RuleCompiler {
  const patternOf = remembering<string, Pattern>((source) => source, compilePattern)
  const zoneOf = remembering<string, Zone | undefined>((name) => name, openZone)
  const openings = remembering<{ zone: Zone; restriction: TimeRestriction }, IsOpen>(
    ({ zone, restriction }) => `${zone.name} ${JSON.stringify(restriction)}`,
    ({ zone, restriction }) => compileTimeRestriction(restriction, zone),
  )
  const defaultZone = zoneOf(settings.defaultTimezone)
  if (!defaultZone)
    throw new Error(
      `There is no time zone ${settings.defaultTimezone}; set the default to one such as Europe/Berlin.`,
    )
  return (timezone) => {
    const zone = (timezone === null ? undefined : zoneOf(timezone)) ?? defaultZone
    return { patternOf, openingOf: (restriction) => openings({ zone, restriction }) }
  }
}

function remembering<Question, Answer>(
  keyOf: (question: Question) => string,
  answer: (question: Question) => Answer,
): (question: Question) => Answer {
  const known = new Map<string, Answer>()
  return (question) => {
    const key = keyOf(question)
    const before = known.get(key)
    if (before !== undefined) return before
    const fresh = answer(question)
    known.set(key, fresh)
    return fresh
  }
}
