import type { Database } from '#db/client.ts'
import { routings } from '#db/schema/dispatch.ts'
import type { Connection } from './connections.ts'
import { listRulesNaming } from './rule-bindings.ts'

/** Who names a connection, in words: `the rule "Checkout is failing"`. */
export interface ConnectionUser {
  readonly environment: string
  readonly what: string
  /** Routes know it by its name, rules by its id. */
  readonly byName: boolean
}

export async function listConnectionUsers(
  db: Database,
  { id, name }: Pick<Connection, 'id' | 'name'>,
): Promise<ConnectionUser[]> {
  const [rules, documents] = await Promise.all([listRulesNaming(db, id), db.select().from(routings)])
  const receivers = documents.flatMap(({ environment, document }) =>
    document.receivers
      .filter((receiver) => namesOf(receiver).includes(name))
      .map((receiver) => ({
        environment,
        what: `the receiver ${JSON.stringify(receiver.name)}`,
        byName: true,
      })),
  )
  return [
    ...rules.map((rule) => ({
      environment: rule.environment,
      what: `the rule ${JSON.stringify(rule.name)}`,
      byName: false,
    })),
    ...receivers,
  ]
}

function namesOf(receiver: object): readonly unknown[] {
  return 'connections' in receiver && Array.isArray(receiver.connections) ? receiver.connections : []
}
