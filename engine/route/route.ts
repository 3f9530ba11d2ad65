import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { CheckState } from '#engine/event.ts'
import type { FailingState } from '#engine/notify/severity.ts'
import { isLinked } from './contacts.ts'
import { chooseMedia, type ListenerMedium } from './media.ts'
import type { Listener, Routing } from './routing.ts'
import { matchingRules } from './rule-index.ts'
import { type CompiledRule, mismatch, type RuleSubject } from './rules.ts'

/** What the rules of one contact make of a notification. */
export type RouteOutcome =
  | {
      readonly kind: 'routed'
      readonly contactId: string
      readonly ruleIds: readonly string[]
      readonly media: readonly ListenerMedium[]
    }
  | {
      readonly kind: 'unheard'
      readonly contactId: string
      readonly ruleIds: readonly string[]
      readonly because: UnheardReason
    }

type UnheardReason = 'no-rule-matches' | 'blackhole' | 'no-media'

/**
 * Who hears, in Flapjack's order: contacts of the entity, those linked to everything, those of the check; then those whom the
 * rule behind it names. Of contacts
 * linked to everything only those are named that hear, or that a specific rule keeps from it; `explain` names them all.
 */
export function route(
  routing: Routing,
  subject: RuleSubject,
  severity: CheckState,
  now: EpochSeconds,
): RouteOutcome[] {
  if (severity === 'ok') return []
  const specific = Map.groupBy(matchingRules(routing.index, subject, now), ({ rule }) => rule.contactId)
  return interested(routing, subject, severity, specific).flatMap((contactId) => {
    const listener = routing.listeners.get(contactId)
    return listener
      ? [outcomeFor(listener, governingRules(listener, specific.get(contactId), { subject, now }), severity)]
      : []
  })
}

function interested(
  { links, talkative, settings }: Routing,
  subject: RuleSubject,
  severity: FailingState,
  specific: ReadonlyMap<string, unknown>,
): string[] {
  const toAll = new Set(talkative[severity])
  for (const contactId of specific.keys()) if (links.toAll.has(contactId)) toAll.add(contactId)
  const linked = [
    ...(links.byEntity.get(subject.entity) ?? []),
    ...toAll,
    ...(links.byCheck.get(subject.checkKey) ?? []),
    ...[...(subject.named?.keys() ?? [])].filter((id) => !isLinked(links, id, subject)),
  ]
  return settings.tellOncePerLink ? linked : [...new Set(linked)]
}

function governingRules(
  listener: Listener,
  specific: readonly CompiledRule[] | undefined,
  { subject, now }: { subject: RuleSubject; now: EpochSeconds },
): readonly CompiledRule[] {
  const general = generalRules(listener, subject)
  return specific ?? general.filter((compiled) => mismatch(compiled, subject, now) === undefined)
}

/** Of the implicit ones the one for whom its rule names. */
export function generalRules(listener: Listener, { named }: RuleSubject): readonly CompiledRule[] {
  return named?.has(listener.contactId) ? listener.whenNamed : listener.general
}

export function outcomeFor(
  listener: Listener,
  rules: readonly CompiledRule[],
  severity: CheckState,
): RouteOutcome {
  const { contactId } = listener
  const ruleIds = rules.map(({ rule }) => rule.id)
  if (rules.length === 0) return { kind: 'unheard', contactId, ruleIds, because: 'no-rule-matches' }
  const choice = chooseMedia(rules, severity, listener.media)
  switch (choice.kind) {
    case 'media':
      return { kind: 'routed', contactId, ruleIds, media: choice.media }
    case 'blackhole':
      return { kind: 'unheard', contactId, ruleIds: [choice.ruleId], because: 'blackhole' }
    case 'no-media':
      return { kind: 'unheard', contactId, ruleIds, because: 'no-media' }
  }
}
