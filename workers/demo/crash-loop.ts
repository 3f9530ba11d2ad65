/** How long a start takes that fails. */
const tryingSeconds = 6
/** As the kubelet waits: hardly at all the first time, then longer each time. */
const pausesSeconds = [1, 10, 20, 40, 80, 160, 300] as const

interface Tries {
  readonly restarts: number
  /** Undefined while it waits for its next try. Seconds after the first. */
  readonly runsSince: number | undefined
  readonly last: { readonly from: number; readonly to: number } | undefined
}

/** How a container that always fails stands so many seconds after it was first started; undefined = it was not yet. */
export function crashLoop(seconds: number): Tries | undefined {
  if (seconds < 0) return undefined
  let last: Tries['last']
  let from = 0
  for (let restarts = 0; ; restarts += 1) {
    const to = from + tryingSeconds
    if (seconds < to) return { restarts, runsSince: from, last }
    last = { from, to }
    from = to + (pausesSeconds[restarts] ?? 300)
    if (seconds < from) return { restarts, runsSince: undefined, last }
  }
}
