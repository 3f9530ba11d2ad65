import type { Database } from '#db/client.ts'
import { listConnections } from '#db/repositories/connections.ts'
import { listReceivers } from '#db/repositories/destinations.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { loadRoutingTree, saveRouting } from '#db/repositories/routings.ts'
import type { Answer } from '#engine/command/answer.ts'
import type { RouteChange } from '#engine/command/command.ts'
import { severityWords } from '#engine/dispatch/category.ts'
import {
  type Matrix,
  matrixOf,
  matrixRows,
  type Nameable,
  otherRoutes,
  readMatrix,
  unknownReceivers,
  withNamed,
  writeMatrix,
} from '#engine/dispatch/matrix.ts'
import { readRouting, type RoutingDocument } from '#engine/dispatch/read-routing.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import { matrixCard, type MatrixView } from '#engine/view/matrix.ts'
import type { Desk } from './desk.ts'

const environment = firstEnvironment.slug

export async function loadMatrix({ db }: Desk): Promise<MatrixView> {
  const [routing, nameable] = await Promise.all([loadRoutingTree(db, environment), loadNameable(db)])
  return viewOf(routing?.document, nameable)
}

/** Written down as routes, which count from the next event on. */
export async function changeMatrix(
  { db, clock }: Desk,
  to: (before: Matrix) => Matrix,
): Promise<MatrixView | { readonly problems: readonly FieldProblem[] }> {
  const [routing, nameable] = await Promise.all([loadRoutingTree(db, environment), loadNameable(db)])
  const matrix = to(readMatrix(routing?.document))
  const document = withNamed(routing?.document, matrix, nameable)
  const problems = unknownReceivers(matrix, new Set(namesIn(document, nameable)))
  if (problems.length > 0) return { problems }
  const read = readRouting(writeMatrix(document, matrix))
  if ('problems' in read) return read
  await saveRouting(db, environment, read.document, {
    now: clock(),
    basedOn: routing?.revision ?? null,
  })
  return viewOf(read.document, nameable)
}

async function loadNameable(db: Database): Promise<Nameable> {
  const [chats, connections] = await Promise.all([listReceivers(db), listConnections(db)])
  return { chats: new Set(chats), connections: new Set(connections.map(({ name }) => name)) }
}

function namesIn(document: RoutingDocument | undefined, { chats, connections }: Nameable): string[] {
  const receivers = document?.receivers.map(({ name }) => name) ?? []
  return [...new Set([...receivers, ...chats, ...connections])]
}

function viewOf(document: RoutingDocument | undefined, nameable: Nameable): MatrixView {
  const firstReceiver = document?.route['receiver']
  return {
    matrix: readMatrix(document),
    firstReceiver: typeof firstReceiver === 'string' ? firstReceiver : 'every chat',
    others: otherRoutes(document),
    receivers: namesIn(document, nameable),
  }
}

/** `route backups error to dba`: one cell, as the chat says it. */
export async function changeCell(desk: Desk, { row, severity, to }: RouteChange): Promise<Answer> {
  const known = matrixRows.find((one) => one === row)
  const word = severityWords.find((one) => one === severity)
  if (!known)
    return refused(`There is no category "${row.slice(0, 40)}". There are: ${matrixRows.join(', ')}.`)
  if (!word) return refused(`"${severity.slice(0, 40)}" is no severity here: say info, warning or error.`)
  const cell = to === 'default' ? { override: false, receivers: [] } : { override: true, receivers: to }
  const changed = await changeMatrix(desk, (before) =>
    matrixOf((one, at) => (one === known && at === word ? cell : before[one][at])),
  )
  if ('problems' in changed) return refused(changed.problems.map(({ problem }) => problem).join(' '))
  return { kind: 'message', message: matrixCard(changed) }
}

function refused(because: string): Answer {
  return { kind: 'refused', because }
}
