import { listReceivers } from '#db/repositories/destinations.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { loadRoutingTree, saveRouting } from '#db/repositories/routings.ts'
import {
  type Matrix,
  otherRoutes,
  readMatrix,
  unknownReceivers,
  withChatReceivers,
  writeMatrix,
} from '#engine/dispatch/matrix.ts'
import { readRouting, type RoutingDocument } from '#engine/dispatch/read-routing.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import type { Desk } from './desk.ts'

const environment = firstEnvironment.slug

export interface MatrixView {
  readonly matrix: Matrix
  /** Hears of what nothing else takes. */
  readonly firstReceiver: string
  /** Routes before the matrix. */
  readonly others: number
  /** Whom a cell can name. */
  readonly receivers: readonly string[]
}

export async function loadMatrix({ db }: Desk): Promise<MatrixView> {
  const [routing, chats] = await Promise.all([loadRoutingTree(db, environment), listReceivers(db)])
  return viewOf(routing?.document, chats)
}

/** Written down as routes, which count from the next event on. */
export async function changeMatrix(
  { db, clock }: Desk,
  to: (before: Matrix) => Matrix,
): Promise<MatrixView | { readonly problems: readonly FieldProblem[] }> {
  const [routing, chats] = await Promise.all([loadRoutingTree(db, environment), listReceivers(db)])
  const matrix = to(readMatrix(routing?.document))
  const document = withChatReceivers(routing?.document, matrix, new Set(chats))
  const known = new Set(document.receivers.map(({ name }) => name))
  const problems = unknownReceivers(matrix, new Set([...known, ...chats]))
  if (problems.length > 0) return { problems }
  const read = readRouting(writeMatrix(document, matrix))
  if ('problems' in read) return read
  await saveRouting(db, environment, read.document, {
    now: clock(),
    basedOn: routing?.revision ?? null,
  })
  return viewOf(read.document, chats)
}

function viewOf(document: RoutingDocument | undefined, chats: readonly string[]): MatrixView {
  const firstReceiver = document?.route['receiver']
  const names = document?.receivers.map(({ name }) => name) ?? []
  return {
    matrix: readMatrix(document),
    firstReceiver: typeof firstReceiver === 'string' ? firstReceiver : 'every chat',
    others: otherRoutes(document),
    receivers: [...new Set([...names, ...chats])],
  }
}
