import { describe, expect, test } from 'vitest'
import { againAfterDeadlock, oneAtATime, oneScheduleAtATime } from '#workers/queues/careful-query.ts'

const failure = (code: string) => Object.assign(new Error(`failed with ${code}`), { code })

describe('a query', () => {
  function failing(times: number, code: string) {
    const asked: string[] = []
    const query = againAfterDeadlock(async (text: string) => {
      asked.push(text)
      if (asked.length <= times) throw failure(code)
      return `answer ${asked.length}`
    })
    return { asked, query }
  }

  test('is asked again after a deadlock', async () => {
    const { asked, query } = failing(2, '40P01')
    expect(await query('select 1')).toBe('answer 3')
    expect(asked).toEqual(['select 1', 'select 1', 'select 1'])
  })

  test('is given up when the deadlocks do not end', async () => {
    const { asked, query } = failing(Infinity, '40P01')
    await expect(query('select 1')).rejects.toThrow('failed with 40P01')
    expect(asked).toHaveLength(5)
  })

  test('is not asked again after any other failure, which may have done its work', async () => {
    const { asked, query } = failing(1, '57P01')
    await expect(query('select 1')).rejects.toThrow('failed with 57P01')
    expect(asked).toHaveLength(1)
  })
})

test('only what changes a schedule takes turns, one queue at a time', async () => {
  const asked: string[] = []
  const query = oneScheduleAtATime(async (statement: string) => void asked.push(statement))
  await query('select job_id, delay from add_job_scheduler($1, $2, $3)')
  await query('select update_job_scheduler_next_millis($1, $2) as job_id')
  await query('select * from move_to_active($1, $2)')
  const inTurn = "(select $1::text from pg_advisory_xact_lock(hashtext('schedule'), hashtext($1::text)))"
  expect(asked).toEqual([
    `select job_id, delay from add_job_scheduler(${inTurn}, $2, $3)`,
    `select update_job_scheduler_next_millis(${inTurn}, $2) as job_id`,
    'select * from move_to_active($1, $2)',
  ])
})

test('queries on one client run in turn, each after the one before, also when that one fails', async () => {
  const steps: string[] = []
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const query = oneAtATime(async (number: 0 | 1) => {
    steps.push(`began ${number}`)
    await gates[number]!.promise.finally(() => steps.push(`ended ${number}`))
    return number
  })
  const [first, second] = [query(0), query(1)]
  gates[1]!.resolve()
  gates[0]!.reject(new Error('lost'))
  await expect(first).rejects.toThrow('lost')
  expect(await second).toBe(1)
  expect(steps).toEqual(['began 0', 'ended 0', 'began 1', 'ended 1'])
})
