import { isDeadlock } from '#db/client.ts'

type Query<Arguments extends unknown[], Answer> = (...query: Arguments) => Promise<Answer>

const mostAttempts = 5

/**
 * For queries of one statement: a deadlock undid all of it, so giving it again is safe.
 *
 * BullMQ's check for stalled jobs, and its promotion of delayed ones, lock rows in another order than finishing a job
 * does; under load they deadlock. Left at that, a finished job stays active, is taken for stalled and runs twice.
 */
export function againAfterDeadlock<Arguments extends unknown[], Answer>(
  query: Query<Arguments, Answer>,
): Query<Arguments, Answer> {
  return async (...given) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await query(...given)
      } catch (error) {
        if (attempt === mostAttempts || !isDeadlock(error)) throw error
      }
    }
  }
}

/**
 * BullMQ reads a schedule and then writes it. On Redis that is a script, which runs alone; on PostgreSQL it is a function
 * without a lock. Two at once can leave a schedule that waits for a job which has run: it would never repeat again.
 * Arguments are evaluated first, so the lock is held before the function looks; it ends with the statement.
 */
export function oneScheduleAtATime<Values extends unknown[], Answer>(
  query: Query<[statement: string, ...values: Values], Answer>,
): typeof query {
  return (statement, ...values) => query(statement.replace(queueOfSchedule, inTurn), ...values)
}

const queueOfSchedule = /(?<=\b(?:add_job_scheduler|update_job_scheduler_next_millis)\()\$1(?=,)/
const inTurn = () => "(select $1::text from pg_advisory_xact_lock(hashtext('schedule'), hashtext($1::text)))"

/** For one client: its driver deprecates beginning a query while another runs. */
export function oneAtATime<Arguments extends unknown[], Answer>(
  query: Query<Arguments, Answer>,
): Query<Arguments, Answer> {
  let last: Promise<unknown> = Promise.resolve()
  return (...given) => {
    const answer = last.then(() => query(...given))
    last = answer.catch(() => undefined)
    return answer
  }
}
