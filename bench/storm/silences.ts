import type { Caller } from './caller.ts'

const sendersAtOnce = 4
const forMs = 3_600_000

/** In force for an hour, each for an instance that no storm has. */
export async function placeSilences(caller: Caller, count: number): Promise<void> {
  const startsAt = new Date()
  const endsAt = new Date(startsAt.getTime() + forMs)
  const numbers = Array.from({ length: count }, (_, number) => number).values()
  const placeSome = async () => {
    for (const number of numbers) {
      const instance = { name: 'instance', value: `absent-${number}`, isRegex: false, isEqual: true }
      const silence = { matchers: [instance], startsAt, endsAt, createdBy: 'bench', comment: 'in force' }
      const { status, body } = await caller.post('/api/v2/silences', JSON.stringify(silence))
      if (status !== 200) throw new Error(`a silence was answered ${status}: ${body.slice(0, 200)}`)
    }
  }
  await Promise.all(Array.from({ length: sendersAtOnce }, placeSome))
}
