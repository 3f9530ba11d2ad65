import { findConnectionTest, recordTestResult } from '#db/repositories/connection-tests.ts'
import type { ConnectionTestResult } from '#engine/connection/test-result.ts'
import { testIsOver, testMessage } from '#engine/message/test-message.ts'
import type { Outside, OutsideAnswer } from '#workers/egress/outside.ts'
import { type ConnectionHands, openById, openDriver } from '#workers/notifiers/connections.ts'
import { DeliveryError } from '#workers/notifiers/notifier.ts'

/** Sends a message that says of itself to be a test, through the very door that alerts go through, and writes down how it went. */
export async function tryConnection(hands: ConnectionHands, testId: string): Promise<void> {
  const { db, outside } = hands
  const test = await findConnectionTest(db, testId)
  if (!test || test.result) return
  const witness = witnessed(outside)
  const began = performance.now()
  const problem = await sendTest({ ...hands, outside: witness.outside }, test)
  const answer = witness.last()
  await recordTestResult(db, testId, {
    delivered: problem === null,
    statusClass: answer ? `${Math.floor(answer.status / 100)}xx` : null,
    tookMs: answer?.tookMs ?? Math.round(performance.now() - began),
    tls: answer?.tls ?? null,
    problem,
    at: outside.clock().toISOString(),
  })
}

async function sendTest(
  hands: ConnectionHands,
  { id, connectionId }: { readonly id: string; readonly connectionId: string },
): Promise<ConnectionTestResult['problem']> {
  const now = hands.outside.clock()
  try {
    const connection = await openById(hands, connectionId)
    const notifier = openDriver(connection, hands.outside)
    const message = testMessage({ id, connection: connection.name }, now)
    const receipt = await notifier.post({ connection: connectionId }, message, `test-${id}`)
    await notifier.update({ ...receipt, connection: connectionId }, testIsOver(message, now))
    return null
  } catch (error) {
    return error instanceof DeliveryError ? error.message : 'Something unexpected happened on the way.'
  }
}

/** The same world, and what it answered last. */
function witnessed(outside: Outside): { outside: Outside; last: () => OutsideAnswer | undefined } {
  let answer: OutsideAnswer | undefined
  return {
    last: () => answer,
    outside: { ...outside, request: async (outgoing) => (answer = await outside.request(outgoing)) },
  }
}
