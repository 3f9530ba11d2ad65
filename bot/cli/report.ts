/** What the start says, in order, one line a part; logs go elsewhere. */
export interface Report {
  /** `database   embedded PostgreSQL 18.4 in .tocsin/postgres` */
  readonly part: (name: string, what: string) => void
  /** Something slow is under way. */
  readonly progress: (line: string) => void
  readonly line: (text: string) => void
}

export function consoleReport(write: (line: string) => void): Report {
  return {
    part: (name, what) => write(`  ${name.padEnd(10)} ${what}`),
    progress: (line) => write(`             ${line}`),
    line: write,
  }
}
