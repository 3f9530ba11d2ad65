/** A request that gets no further; the caller is told the status alone, the log is told why. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number

  constructor(status: number, because: string) {
    super(because)
    this.status = status
  }
}
