import { checkKey, type Event } from '#engine/event.ts'
import { isLaneCheck } from '#engine/notify/lane-event.ts'
import { isFloodCheck } from './flood-event.ts'
import { silenceCheckKeys } from '#engine/rule/silence-event.ts'
import { storeCheckKeys } from '#engine/rule/store-event.ts'

const ownKeys: ReadonlySet<string> = new Set([...silenceCheckKeys, ...storeCheckKeys])

/** Names of checks by which rules and posted alerts know theirs: ids and fingerprints; nothing else needs looking up. */
export function namesToLookUp(events: readonly Event[]): string[] {
  const names = new Set(events.filter(isState).map(({ check }) => check))
  return [...names].filter((name) => /^([0-9a-f]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(name))
}

/**
 * Somebody else speaks for this check: a rule, Alertmanager's clients, or the house about itself. An event pushed under its name
 * would end an alert, or begin one, that nobody saw. Acknowledging it is anybody's right.
 *
 * `spokenFor`: which of `namesToLookUp` belong to somebody.
 */
export function isForged(event: Event, spokenFor: ReadonlySet<string>): boolean {
  if (!isState(event)) return false
  return (
    spokenFor.has(event.check) || ownKeys.has(checkKey(event)) || isLaneCheck(event) || isFloodCheck(event)
  )
}

function isState({ kind }: Event): boolean {
  return kind === 'service'
}
