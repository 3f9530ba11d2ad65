import { DrizzleQueryError } from 'drizzle-orm'

/** What was asked for is not there; `what` names it for a person. */
export class NotFound extends Error {
  constructor(what: string) {
    super(`There is no ${what}.`)
    this.name = 'NotFound'
  }
}

/**
 * Drizzle's message of a failed query is the whole statement with every value in it, up to a megabyte, and not why it
 * failed. Neither belongs in a log.
 */
export function withoutStatement(error: Error): Error {
  if (!(error instanceof DrizzleQueryError)) return error
  const told = new Error(`The database refused a query: ${error.cause?.message ?? 'it gave no reason'}`)
  const calls = error.stack?.slice(error.stack.indexOf('\n    at ')) ?? ''
  told.stack = `${told.name}: ${told.message}${calls}`
  return told
}
