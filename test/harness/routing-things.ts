import type { Contact, Medium } from '#engine/route/contacts.ts'
import {
  compileRouting,
  defaultRoutingSettings,
  type Routing,
  type RoutingSettings,
  type RoutingTables,
} from '#engine/route/routing.ts'
import type { NotificationRule } from '#engine/route/rules.ts'

const none = { info: [], unknown: [], warning: [], critical: [] }
const noBlackholes = { info: false, unknown: false, warning: false, critical: false }

export function rule(
  id: string,
  contactId: string,
  overrides: Partial<NotificationRule> = {},
): NotificationRule {
  return {
    id,
    contactId,
    entities: [],
    regexEntities: [],
    tags: [],
    regexTags: [],
    timeRestrictions: [],
    media: none,
    blackholes: noBlackholes,
    ...overrides,
  }
}

export function medium(overrides: Partial<Medium> = {}): Medium {
  return { address: 'somewhere', intervalSeconds: null, rollupThreshold: null, ...overrides }
}

export function contact(id: string, media: Readonly<Record<string, Medium>> = { email: medium() }): Contact {
  return { id, timezone: null, media }
}

export function routing(tables: Partial<RoutingTables>, settings: Partial<RoutingSettings> = {}): Routing {
  return compileRouting(
    { contacts: [], rules: [], links: [], crowds: [], ...tables },
    { ...defaultRoutingSettings, ...settings },
  )
}
