import { DrizzleQueryError } from 'drizzle-orm'

/** What was asked for is not there; `what` names it for a person. */
export class NotFound extends Error {
  constructor(what: string) {
    super(`There is no ${what}.`)
    this.name = 'NotFound'
  }
}

/** It cannot be kept beside what is there already; the message says which and what to do. */
export class Conflict extends Error {
  constructor(because: string) {
    super(because)
    this.name = 'Conflict'
  }
}

const mostNamed = 10

/** Names somebody gave, inside our sentence: cut short, escaped, and not too many of them. */
export function quoteNames(names: readonly string[]): string {
  const shown = names.slice(0, mostNamed).map((name) => JSON.stringify(name.slice(0, 100)))
  const left = names.length - mostNamed
  return left > 0 ? `${shown.join(', ')} and ${left} more` : shown.join(', ')
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
