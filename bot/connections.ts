import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Conflict } from '#db/errors.ts'
import {
  type ConnectionTest,
  findConnectionTest,
  requestConnectionTest,
} from '#db/repositories/connection-tests.ts'
import { type ConnectionUser, listConnectionUsers } from '#db/repositories/connection-users.ts'
import {
  addConnection,
  changeConnection,
  type Connection,
  loadConnection,
  readableSecrets,
  removeConnection,
} from '#db/repositories/connections.ts'
import { findEnvironment } from '#db/repositories/environments.ts'
import { type ConnectionDraft, readConnectionDraft, type ReadDraft } from '#engine/connection/draft.ts'
import { contentTypeOf, type WebhookSettings, webhookSettings } from '#engine/connection/webhook.ts'
import { templatesIn } from '#engine/message/body-template.ts'
import { bodyNames, variableWarnings } from '#engine/message/template-names.ts'
import { portOf, refusalText, refusesHost } from '#engine/egress/egress-rules.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import { Invalid } from './api/problem.ts'
import type { Desk } from './desk.ts'

/** A connection as it is kept now, and what its keeper should know. */
export interface Kept {
  readonly connection: Connection
  readonly warnings: readonly string[]
}

export async function createConnection(desk: Desk, input: unknown, createdBy: string): Promise<Kept> {
  const { db, secrets: box, clock } = desk
  const draft = await accepted(desk, readConnectionDraft(input))
  const connection = await addConnection(db, draft, { id: randomUUID(), createdBy, box, now: clock() })
  return { connection, warnings: warningsOf(draft) }
}

/** Secrets that are not named stay, unless it leads to another host now. */
export async function replaceConnection(
  desk: Desk,
  id: string,
  rewrite: (before: Connection) => unknown,
): Promise<Kept> {
  const { db, secrets: box, clock } = desk
  const before = await loadConnection(db, id)
  const known = { ...before, secrets: readableSecrets(box, before) }
  const draft = await accepted(desk, readConnectionDraft(rewrite(before), known))
  refuseToLose(await listConnectionUsers(db, before), before, draft)
  const connection = await changeConnection(db, before, draft, { box, now: clock() })
  return { connection, warnings: warningsOf(draft) }
}

export async function removeUnusedConnection({ db }: Desk, id: string): Promise<void> {
  const connection = await loadConnection(db, id)
  const users = await listConnectionUsers(db, connection)
  if (users.length > 0)
    throw new Conflict(
      `The connection ${JSON.stringify(connection.name)} is in use by ${named(users)}: take it out there first.`,
    )
  await removeConnection(db, id)
}

const patienceMs = 20_000
const lookEveryMs = 100

/** Has the workers try it, and waits for what comes of it; whoever is not answered in time asks again by the test's id. */
export async function testConnection(desk: Desk, id: string, requestedBy: string): Promise<ConnectionTest> {
  const { db, clock } = desk
  const connection = await loadConnection(db, id)
  const test = { id: randomUUID(), connectionId: connection.id, requestedAt: clock(), requestedBy }
  await requestConnectionTest(db, test)
  await desk.askForTest(test.id)
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += lookEveryMs) {
    const tried = await findConnectionTest(db, test.id)
    if (tried?.result) return tried
    await pause(lookEveryMs)
  }
  return { ...test, result: null }
}

async function accepted(desk: Desk, read: ReadDraft): Promise<ConnectionDraft> {
  if ('problems' in read) throw new Invalid('This connection cannot work.', read.problems)
  const { draft } = read
  const problems = [...hostProblems(desk, draft), ...(await environmentProblems(desk, draft))]
  if (problems.length > 0) throw new Invalid('This connection cannot work.', problems)
  return draft
}

/** What is known without asking anybody; names are judged by where they really lead, when something is sent. */
function hostProblems({ egressRules }: Desk, { host, secrets }: ConnectionDraft): FieldProblem[] {
  const url = host === null ? null : URL.parse(host)
  if (!url || !refusesHost(egressRules.at(url.hostname, portOf(url)), url.hostname)) return []
  return [{ field: 'url' in secrets ? 'secrets.url' : 'settings', problem: refusalText(url.hostname) }]
}

async function environmentProblems({ db }: Desk, draft: ConnectionDraft): Promise<FieldProblem[]> {
  const problems: FieldProblem[] = []
  for (const [index, slug] of draft.allowedEnvironments.entries())
    if (!(await findEnvironment(db, slug)))
      problems.push({
        field: `allowedEnvironments.${index}`,
        problem: `There is no environment ${JSON.stringify(slug.slice(0, 100))}.`,
      })
  return problems
}

/** Nobody who relies on it may lose it without a word. */
function refuseToLose(
  users: readonly ConnectionUser[],
  before: Pick<Connection, 'name'>,
  { name, allowedEnvironments }: ConnectionDraft,
): void {
  const byName = users.filter((user) => user.byName)
  if (name !== before.name && byName.length > 0)
    throw new Conflict(`It cannot be renamed: ${named(byName)} knows it by its name. Change that first.`)
  const outside = users.filter(
    ({ environment }) => allowedEnvironments.length > 0 && !allowedEnvironments.includes(environment),
  )
  if (outside.length > 0)
    throw new Conflict(
      `These environments leave out who uses it: ${named(outside)}. Take it out there first.`,
    )
}

const mostNamed = 10

function named(users: readonly ConnectionUser[]): string {
  const shown = users.slice(0, mostNamed).map(({ what, environment }) => `${what} in ${environment}`)
  const left = users.length - shown.length
  return left > 0 ? `${shown.join(', ')} and ${left} more` : shown.join(', ')
}

/** What its keeper should know for as long as it is as it is. */
export function standingWarnings({ settings }: { readonly settings: object }): string[] {
  const tls = 'tls' in settings ? settings.tls : undefined
  const isInsecure = typeof tls === 'object' && tls !== null && 'mode' in tls && tls.mode === 'INSECURE'
  return isInsecure ? ['INSECURE: anybody between here and there can read and change what is sent.'] : []
}

function warningsOf(draft: ConnectionDraft): string[] {
  const { dropped, settings, kind } = draft
  return [
    ...(dropped.length > 0
      ? [
          `The host changed, so ${dropped.join(', ')} stayed behind: enter ${dropped.length > 1 ? 'them' : 'it'} anew.`,
        ]
      : []),
    ...(kind === 'webhook' ? bodyWarnings(webhookSettings.parse(settings)) : []),
    ...standingWarnings(draft),
  ]
}

function bodyWarnings(settings: WebhookSettings): string[] {
  const { body, bodyTemplate } = settings
  if (body !== 'TEMPLATE' || bodyTemplate === null) return []
  return templatesIn(bodyTemplate, contentTypeOf(settings)).flatMap((text) =>
    variableWarnings(text, 'bodyTemplate', bodyNames),
  )
}
