/** What was asked for is not there; `what` names it for a person. */
export class NotFound extends Error {
  constructor(what: string) {
    super(`There is no ${what}.`)
    this.name = 'NotFound'
  }
}
