/**
 * Different checks that one source may say fail within an hour: each is an alert of its own, and whoever puts a time or an id into a
 * name makes a new one with every event. What is well is taken as ever, and so is what was named before.
 */
export const mostFailingChecks = 100_000
export const namingWindowMs = 3_600_000

/** One of two thousand million; nothing but how many there are is asked, and what is kept for each must be small. */
export function markOf(name: string): number {
  let mark = 0x811c9dc5
  for (let index = 0; index < name.length; index++)
    mark = Math.imul(mark ^ name.charCodeAt(index), 0x01000193)
  return mark >>> 1
}

export function namesTooMany(source: string): string {
  return `${source} has named ${mostFailingChecks} different checks that fail within an hour, and this is another one: it was not kept. What is well is taken, and so is what was named before. Is there a time or an id in the name?`
}
