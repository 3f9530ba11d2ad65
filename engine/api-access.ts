import { may } from './access.ts'
import { type Actor, actorName, type Role } from './person.ts'

/** What programs with the environment's token go by. */
export const houseName = 'api'

/** A program that speaks to the API. */
export interface Caller {
  /** As people named its token. */
  readonly name: string
  readonly role: Role
  /** Slugs of the environments it is for; null = the whole house. */
  readonly environments: readonly string[] | null
}

/** As people read it beside what it did. */
export function callerName({ name }: Pick<Caller, 'name'>): string {
  return name === houseName ? houseName : `token ${name}`
}

/** Who does something by the API: whoever a program says, as far as its token can be believed. */
export function inNameOf(actor: Actor, caller: Caller): Actor {
  if (caller.name === houseName) return actor
  const said = actorName(actor)
  const token = callerName(caller)
  return { kind: 'source', name: said === houseName ? token : `${said} (${token})` }
}

interface Needs {
  readonly read: Role
  readonly change: Role
}

const worked: Needs = { read: 'VIEWER', change: 'OPERATOR' }
const managed: Needs = { read: 'VIEWER', change: 'ADMIN' }
const secret: Needs = { read: 'ADMIN', change: 'ADMIN' }

/** What is asked of whoever uses a path and all below it, unless a longer one says otherwise. A path that is not here is for nobody. */
const byPath: Readonly<Record<string, Needs>> = {
  '/api/openapi.json': worked,
  '/api/v1/tokens': secret,
  '/api/v1/audit': secret,
  '/api/v1/audit.csv': secret,
  '/api/v1/connections': managed,
  '/api/v1/connections/:id/render-preview': worked,
  '/api/v1/admin/outbound-connections': managed,
  '/api/v1/admin/outbound-connections/:id/render-preview': worked,
  '/api/v1/contact-media': managed,
  '/api/v1/environments/:env/alerts': worked,
  '/api/v1/environments/:env/alerts.csv': worked,
  '/api/v1/alerts': worked,
  '/api/v1/incidents': worked,
  '/api/v1/environments/:env/incidents': worked,
  '/api/v1/routing': worked,
  // Asks what would be, and changes nothing.
  '/api/v1/routing/explain': { read: 'VIEWER', change: 'VIEWER' },
  '/api/v1/evaluation': worked,
  '/api/v1/silences': worked,
  '/api/v1/inhibitions': worked,
  '/api/v1/maintenances': worked,
  '/api/v1/contacts': worked,
  '/api/v1/groups': worked,
  '/api/v1/roles': worked,
  '/api/v1/notification-rules': worked,
  '/api/v1/entities': worked,
  '/api/v1/mappings': worked,
  '/api/v1/signed-doors': managed,
  '/api/v1/events': worked,
  '/api/v1/notices': worked,
  '/api/v1/webhooks': worked,
  // Alertmanager's and Flapjack's.
  '/api/v2': worked,
  '/-/reload': worked,
  '/flapjack': worked,
}

/** What is said all day long and kept as events, and questions that change nothing. */
const unrecorded: ReadonlySet<string> = new Set([
  'POST /api/v1/events',
  'POST /api/v1/notices',
  'POST /api/v1/webhooks/:name',
  'POST /api/v2/alerts',
  'POST /-/reload',
  'POST /api/v1/routing/explain',
  'POST /api/v1/mappings/:name/test',
  'POST /api/v1/connections/:id/render-preview',
  'POST /api/v1/admin/outbound-connections/:id/render-preview',
  'POST /api/v1/environments/:env/alerts/rules/test-evaluate',
  'POST /api/v1/environments/:env/alerts/rules/:id/test-evaluate',
  'POST /api/v1/environments/:env/alerts/rules/:id/render-preview',
])

/** Whether a request, by the pattern of its route, changes something that people will ask about. */
export function isRecorded(method: string, path: string): boolean {
  return !readingMethods.has(method) && !unrecorded.has(`${method} ${path}`)
}

const readingMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The least role for a route, by the pattern it was registered with; undefined = nobody said, so nobody may. */
function routeNeeds(method: string, path: string): Role | undefined {
  const segments = path.split('/')
  for (let length = segments.length; length > 1; length--) {
    const above = segments.slice(0, length).join('/')
    const needs = Object.hasOwn(byPath, above) ? byPath[above] : undefined
    if (needs) return readingMethods.has(method) ? needs.read : needs.change
  }
  return undefined
}

interface Asked {
  readonly method: string
  /** As it was registered. */
  readonly path: string
  readonly params: unknown
}

/** Why this caller may not, or undefined. What is in an environment of others is not there for it. */
export function callerRefusal(
  { name, role, environments }: Caller,
  { method, path, params }: Asked,
): { readonly status: 403 | 404; readonly because: string } | undefined {
  const needs = routeNeeds(method, path)
  if (needs === undefined)
    return { status: 403, because: 'Nobody said who may use this path, so nobody may.' }
  if (!may({ role }, needs))
    return { status: 403, because: `This needs the role ${needs}, and the token ${name} is ${role}.` }
  if (environments === null) return undefined
  const env = Object.getOwnPropertyDescriptor(Object(params), 'env')?.value as unknown
  if (typeof env !== 'string')
    return {
      status: 403,
      because: `The token ${name} is for ${environments.join(', ')} alone: use the paths below /api/v1/environments/${environments[0] ?? ''}/.`,
    }
  return environments.includes(env)
    ? undefined
    : { status: 404, because: `There is no environment "${env.slice(0, 100)}".` }
}
