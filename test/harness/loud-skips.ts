import type { Reporter, TestModule } from 'vitest/node'

/** Ends a test run with what did not run and why, where nobody can overlook it. */
export class LoudSkips implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const line of notRun(modules)) process.stdout.write(`${line}\n`)
  }
}

/** One line per file and reason, so that a missing program is told once and not once per test. */
function notRun(modules: readonly TestModule[]): string[] {
  return modules.flatMap((module) => {
    const reasons = Array.from(module.children.allTests('skipped'), (test) => {
      const { note } = test.result() as { note?: string }
      return note ?? `no reason given (${test.fullName})`
    })
    const counts = Map.groupBy(reasons, (reason) => reason)
    return Array.from(
      counts,
      ([reason, { length }]) => `NOT RUN: ${length} in ${module.relativeModuleId}: ${reason}`,
    )
  })
}
