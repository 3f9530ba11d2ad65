import { expect, test } from 'vitest'
import { Turnstile, TurnstileFull } from '#workers/telemetry/embedded/turnstile.ts'

const never = new AbortController().signal

/** Lets everything already decided happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

function crowd(turnstile: Turnstile, size: number): { inside: number[]; leave: Map<number, () => void> } {
  const inside: number[] = []
  const leave = new Map<number, () => void>()
  for (let person = 0; person < size; person++) {
    void turnstile.enter(never).then((wayOut) => {
      inside.push(person)
      leave.set(person, wayOut)
    })
  }
  return { inside, leave }
}

test('as many as there are slots enter, the others in order of arrival as room appears', async () => {
  const { inside, leave } = crowd(new Turnstile({ slots: 2, waiting: 10, emptyEvery: 100 }), 4)
  await settle()
  expect(inside).toEqual([0, 1])
  leave.get(1)?.()
  await settle()
  expect(inside).toEqual([0, 1, 2])
})

test('a newcomer does not slip in before those who wait', async () => {
  const turnstile = new Turnstile({ slots: 1, waiting: 10, emptyEvery: 100 })
  const { inside, leave } = crowd(turnstile, 2)
  await settle()
  leave.get(0)?.()
  const late = turnstile.enter(never).then(() => inside.push(99))
  await settle()
  expect(inside).toEqual([0, 1])
  leave.get(1)?.()
  await late
  expect(inside).toEqual([0, 1, 99])
})

test('with enough waiting, the next is turned away', async () => {
  const turnstile = new Turnstile({ slots: 1, waiting: 1, emptyEvery: 100 })
  crowd(turnstile, 2)
  await expect(turnstile.enter(never)).rejects.toThrow(TurnstileFull)
})

test('one who gives up waiting frees the place in the queue and never enters', async () => {
  const turnstile = new Turnstile({ slots: 1, waiting: 1, emptyEvery: 100 })
  const leave = await turnstile.enter(never)
  const patience = new AbortController()
  const waiting = turnstile.enter(patience.signal)
  patience.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  const next = turnstile.enter(never)
  leave()
  ;(await next)()
  await turnstile.empty()
})

test('after so many passages the room empties before anybody else enters', async () => {
  const { inside, leave } = crowd(new Turnstile({ slots: 2, waiting: 10, emptyEvery: 3 }), 5)
  await settle()
  leave.get(0)?.()
  await settle()
  expect(inside).toEqual([0, 1, 2])
  leave.get(1)?.()
  await settle()
  expect(inside).toEqual([0, 1, 2])
  leave.get(2)?.()
  await settle()
  expect(inside).toEqual([0, 1, 2, 3, 4])
})
