/** Milliseconds of the one monotonic clock that every thread of this process shares; `performance.now()` is a thread's own. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
