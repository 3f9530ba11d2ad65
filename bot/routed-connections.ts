import type { Database } from '#db/client.ts'
import { listConnections } from '#db/repositories/connections.ts'
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
  const known = new Map((await listConnections(db)).map((connection) => [connection.name, connection]))
  const there = [...known.keys()].map((name) => JSON.stringify(name)).join(', ') || 'none'
  return all.flatMap(({ connections }, receiver) =>
    connections.flatMap((name, index) => {
      const field = `receivers.${receiver}.connections.${index}`
      const allowed = known.get(name)?.allowedEnvironments
      if (!allowed)
        return [{ field, problem: `No connection is called ${JSON.stringify(name)}. There are: ${there}.` }]
      return allowed.length === 0 || allowed.includes(environment)
        ? []
        : [{ field, problem: `The connection ${JSON.stringify(name)} is not allowed in ${environment}.` }]
    }),
  )
}
