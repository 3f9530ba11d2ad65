import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'

/** What Flapjack did with a sequence of events, obtained by running its own code. Instants are seconds after `start`. */
export interface FlapjackScenario {
  readonly id: string
  readonly title: string
  readonly flapjack: readonly string[]
  readonly quirk?: string
  readonly config: ScenarioConfig
  readonly steps: readonly (ScenarioAction | ScenarioExpectation)[]
}

export interface ScenarioConfig {
  readonly start: string
  readonly defaults: {
    readonly initial_failure_delay: number
    readonly repeat_failure_delay: number
    readonly media_interval: number
    readonly contact_timezone: string
    readonly new_check_scheduled_maintenance: number
    readonly new_check_scheduled_maintenance_ignore_tags: readonly string[]
  }
  readonly entities: readonly {
    readonly id: string
    readonly name: string
    readonly contacts: readonly string[]
  }[]
  readonly contacts: readonly ScenarioContact[]
  readonly rules: readonly ({ readonly id: string; readonly contact: string } & Readonly<
    Record<string, unknown>
  >)[]
  readonly check_contacts?: readonly ScenarioCheckContacts[]
  readonly initial: readonly {
    readonly entity: string
    readonly check: string
    readonly state: string
    readonly since: number
  }[]
}

interface ScenarioCheckContacts {
  readonly entity: string
  readonly check: string
  readonly contacts?: readonly string[]
  readonly contact?: string
}

export interface ScenarioContact {
  readonly id: string
  readonly timezone: string | null
  readonly media: Readonly<
    Record<
      string,
      { readonly address: string; readonly interval?: number; readonly rollup_threshold?: number }
    >
  >
}

interface OnCheck {
  readonly at: number
  readonly entity: string
  readonly check: string
}

export type ScenarioAction =
  | {
      readonly kind: 'event'
      readonly at: number
      readonly event?: Readonly<Record<string, unknown>>
      readonly raw?: string
    }
  | ({ readonly kind: 'ack'; readonly duration?: number } & OnCheck)
  | ({ readonly kind: 'test' } & OnCheck)
  | ({
      readonly kind: 'scheduled_maintenance'
      readonly duration: number
      readonly start_in?: number
    } & OnCheck)
  | ({
      readonly kind:
        | 'end_scheduled_maintenance'
        | 'end_unscheduled_maintenance'
        | 'disable_check'
        | 'enable_check'
    } & OnCheck)
  | {
      readonly kind: 'link_contact' | 'unlink_contact'
      readonly at: number
      readonly entity: string
      readonly contact: string
    }
  | {
      readonly kind: 'set_timezone'
      readonly at: number
      readonly contact: string
      readonly timezone: string
    }

interface ScenarioExpectation {
  readonly expect: 'nothing' | readonly ScenarioAlert[]
  readonly notification?: ScenarioNotification | null
  readonly blocked_by?: string
  readonly rejected?: boolean
  readonly check_state?: CheckFlags
}

export interface ScenarioAlert {
  readonly contact: string
  readonly medium: string
  readonly type: string
  readonly state: string
  readonly check: string
  readonly rollup?: string
  readonly rollup_threshold?: number
  readonly rollup_checks?: Readonly<Record<string, string | null>>
}

export interface ScenarioNotification {
  readonly type: string
  readonly state: string
  readonly severity: string
  readonly last_state: string | null
  readonly state_duration: number | null
  readonly tags: readonly string[]
}

export interface CheckFlags {
  readonly state: string | null
  readonly in_scheduled_maintenance: boolean
  readonly in_unscheduled_maintenance: boolean
  readonly unacknowledged_failing: boolean
}

/** What came of one action. */
export interface Observed {
  readonly alerts: readonly ScenarioAlert[]
  readonly notification: ScenarioNotification | null
  readonly blockedBy: string | undefined
  readonly isRejected: boolean
  readonly flags: CheckFlags | undefined
}

/** Whatever claims to behave as Flapjack: the pure engine, or the whole house. */
export interface FlapjackWorld {
  readonly act: (action: ScenarioAction) => Observed | Promise<Observed>
}

const release = '1.6.0'

/** Every scenario of our release in the files of VECTORS_DIR, or of test/vectors; files of other shapes are left alone. */
export function flapjackScenarios(): readonly FlapjackScenario[] {
  const folder = process.env['VECTORS_DIR'] ?? join(import.meta.dirname, '../vectors')
  return globSync('*.json', { cwd: folder })
    .map((file): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8')))
    .flatMap((content) => (Array.isArray(content) ? content.filter(isScenario) : []))
    .filter((scenario) => scenario.flapjack.includes(release))
}

function isScenario(value: unknown): value is FlapjackScenario {
  return (
    typeof value === 'object' &&
    value !== null &&
    'flapjack' in value &&
    'config' in value &&
    'steps' in value
  )
}

export async function playScenario(scenario: FlapjackScenario, world: FlapjackWorld): Promise<void> {
  let observed: Observed | undefined
  let place = ''
  for (const [index, step] of scenario.steps.entries()) {
    if ('kind' in step) {
      place = `step ${index} at ${step.at} s, ${step.kind}`
      observed = await world.act(step)
    } else if (observed) {
      expectObserved(observed, step, place)
    }
  }
}

function expectObserved(observed: Observed, step: ScenarioExpectation, place: string): void {
  const expected = step.expect === 'nothing' ? [] : step.expect
  expect(sorted(observed.alerts.map(line)), place).toEqual(sorted(expected.map(line)))
  expect(observed.isRejected, `${place}: rejected`).toBe(step.rejected ?? false)
  if (step.notification !== undefined) {
    expect(withSortedTags(observed.notification), place).toEqual(withSortedTags(step.notification))
  }
  if (step.blocked_by !== undefined) expect(observed.blockedBy, `${place}: blocked by`).toBe(step.blocked_by)
  if (step.check_state !== undefined) expect(observed.flags, `${place}: check`).toEqual(step.check_state)
}

function withSortedTags(notification: ScenarioNotification | null): ScenarioNotification | null {
  return notification && { ...notification, tags: sorted(notification.tags) }
}

/** Alerts are a multiset: one line each. */
function line(alert: ScenarioAlert): string {
  const {
    contact,
    medium,
    type,
    state,
    check,
    rollup,
    rollup_threshold: threshold,
    rollup_checks: checks,
  } = alert
  const summarised = sorted(Object.entries(checks ?? {}).map(([key, itsState]) => `${key} ${itsState}`))
  const told = `${contact} on ${medium}: ${type}, ${check} is ${state}`
  return rollup === undefined
    ? told
    : `${told}; ${rollup} summary from ${threshold} on: ${summarised.join(', ')}`
}

function sorted(lines: readonly string[]): string[] {
  return lines.toSorted((one, other) => one.localeCompare(other))
}
