/** Finds one thing of many that others look for at the same moment. */
export type Find<Sought, Found> = (sought: Sought) => Promise<Found>

interface Sharing<Sought, Found> {
  /** For each of them what was found, in their order. */
  readonly search: (some: readonly Sought[]) => Promise<readonly Found[]>
  /** Of those who wait, how many one search can look for: the first at least. */
  readonly fit: (waiting: readonly Sought[]) => number
}

interface Waiting<Sought, Found> extends PromiseWithResolvers<Found> {
  readonly sought: Sought
}

/**
 * One search at a time, for whoever asks in the same breath or while another search runs. What was found is not looked for again, and
 * once a search has failed nobody else sends one: what is wrong with it is wrong for all.
 */
export function shareSearch<Sought, Found>({ search, fit }: Sharing<Sought, Found>): Find<Sought, Found> {
  const known = new Map<string, Promise<Found>>()
  const waiting: Waiting<Sought, Found>[] = []
  let failure: { readonly error: unknown } | undefined
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    await Promise.resolve()
    while (waiting.length > 0) {
      const most = Math.max(1, fit(waiting.map(({ sought }) => sought)))
      const some = waiting.splice(0, most)
      try {
        if (failure) throw failure.error
        const found = await search(some.map(({ sought }) => sought))
        for (const [index, { resolve }] of some.entries()) resolve(found[index] as Found)
      } catch (error) {
        failure = { error }
        for (const { reject } of some) reject(error)
      }
    }
    running = undefined
  }

  return (sought) => {
    const key = JSON.stringify(sought) ?? ''
    const before = known.get(key)
    if (before) return before
    const one = { sought, ...Promise.withResolvers<Found>() }
    known.set(key, one.promise)
    waiting.push(one)
    running ??= run()
    return one.promise
  }
}
