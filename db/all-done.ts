/**
 * For statements that are sent one behind the other in a transaction: like `Promise.all`, but when one fails the others are
 * waited for first. What they still had to send would otherwise be sent after the rollback, and be kept. Throws what failed
 * first: after it, the server refuses everything.
 */
export async function allDone<const Statements extends readonly Promise<unknown>[]>(
  statements: Statements,
): Promise<{ -readonly [Index in keyof Statements]: Awaited<Statements[Index]> }> {
  const failures: unknown[] = []
  for (const statement of statements) statement.catch((error: unknown) => failures.push(error))
  await Promise.allSettled(statements)
  if (failures.length > 0) throw failures[0]
  return Promise.all(statements)
}
