import { eq } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { connectionTests } from '#db/schema/connections.ts'
import type { ConnectionTestResult } from '#engine/connection/test-result.ts'

export type ConnectionTest = typeof connectionTests.$inferSelect

export async function requestConnectionTest(
  db: Database,
  test: Omit<ConnectionTest, 'result'>,
): Promise<void> {
  await db.insert(connectionTests).values(test)
}

export async function findConnectionTest(db: Database, id: string): Promise<ConnectionTest | undefined> {
  const [row] = await db.select().from(connectionTests).where(eq(connectionTests.id, id))
  return row
}

export async function recordTestResult(
  db: Database,
  id: string,
  result: ConnectionTestResult,
): Promise<void> {
  await db.update(connectionTests).set({ result }).where(eq(connectionTests.id, id))
}
