import type { Database } from '#db/client.ts'
import { type Connection, listConnections } from '#db/repositories/connections.ts'
import type { RoutingTree } from '#engine/dispatch/routing-tree.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'

/** Connections that receivers name and that are not there, or not for this environment. */
export async function unfitConnections(
  db: Database,
  { receivers }: RoutingTree,
  environment: string,
): Promise<FieldProblem[]> {
  const all = [...receivers.values()]
  if (all.every(({ connections }) => connections.length === 0)) return []
  // What is for other environments is not spoken of in this one.
  const isHere = ({ allowedEnvironments }: Connection) =>
    allowedEnvironments.length === 0 || allowedEnvironments.includes(environment)
  const known = new Set((await listConnections(db)).filter(isHere).map(({ name }) => name))
  const there = [...known].map((name) => JSON.stringify(name)).join(', ') || 'none'
  return all.flatMap(({ connections }, receiver) =>
    connections.flatMap((name, index) => {
      const field = `receivers.${receiver}.connections.${index}`
      const problem = `No connection of ${environment} is called ${JSON.stringify(name)}. There are: ${there}.`
      return known.has(name) ? [] : [{ field, problem }]
    }),
  )
}
