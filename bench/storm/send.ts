import { setTimeout as pause } from 'node:timers/promises'
import { alertsBody } from './alerts.ts'
import type { Caller } from './caller.ts'
import { monotonicMs } from './clock.ts'

export interface Pace {
  /** Alerts in one POST. */
  readonly batch: number
  /** Alerts a second, however long the answers take; undefined: one sender, the next POST when the last is answered. */
  readonly perSecond?: number | undefined
  /** How often each alert is posted. */
  readonly rounds?: number | undefined
}

export interface Sent {
  /** When the first accepted POST with the alert of this number began; undefined: none was accepted. */
  readonly postedAtMs: readonly (number | undefined)[]
  readonly acceptedPerSecond: number
  readonly answerMs: readonly number[]
  /** What was not answered 200, and how. */
  readonly refusals: readonly string[]
}

interface Storm extends Pace {
  readonly open: readonly string[]
  readonly state: 'firing' | 'resolved'
}

/** More than this many unanswered POSTs, and the sender waits after all: a server that hangs must not take us along. */
const mostUnanswered = 256

export async function sendStorm(caller: Caller, storm: Storm): Promise<Sent> {
  const { open, state, batch, perSecond, rounds = 1 } = storm
  const postedAtMs: (number | undefined)[] = open.map(() => undefined)
  const [answerMs, refusals]: [number[], string[]] = [[], []]
  let accepted = 0
  let lastAnswerAtMs = 0
  const post = async (from: number) => {
    const some = open.slice(from, from + batch)
    const body = alertsBody(some, state === 'resolved' ? new Date() : undefined)
    const reply = await caller.post('/api/v2/alerts', body)
    answerMs.push(reply.endedAtMs - reply.startedAtMs)
    lastAnswerAtMs = Math.max(lastAnswerAtMs, reply.endedAtMs)
    if (reply.status !== 200) return void refusals.push(`${reply.status} ${reply.body.slice(0, 200)}`)
    accepted += some.length
    for (let number = from; number < from + some.length; number++) postedAtMs[number] ??= reply.startedAtMs
  }
  const firsts = Array.from({ length: Math.ceil(open.length / batch) }, (_, index) => index * batch)
  const posts = Array.from({ length: rounds }, () => firsts).flat()
  const startedAtMs = monotonicMs()
  if (perSecond === undefined) for (const from of posts) await post(from)
  else await atPace(posts, (1000 * batch) / perSecond, post)
  const seconds = (lastAnswerAtMs - startedAtMs) / 1000
  return { postedAtMs, acceptedPerSecond: accepted / seconds, answerMs, refusals }
}

/** Each is due at a moment fixed before: one slow answer does not make room for the ones behind it. */
async function atPace(
  posts: readonly number[],
  everyMs: number,
  post: (from: number) => Promise<void>,
): Promise<void> {
  const startedAtMs = monotonicMs()
  const unanswered = new Set<Promise<void>>()
  const all: Promise<void>[] = []
  for (const [index, from] of posts.entries()) {
    const waitMs = startedAtMs + index * everyMs - monotonicMs()
    if (waitMs > 0) await pause(waitMs)
    while (unanswered.size >= mostUnanswered) await Promise.race(unanswered)
    const one = post(from).finally(() => unanswered.delete(one))
    unanswered.add(one)
    all.push(one)
  }
  await Promise.all(all)
}
