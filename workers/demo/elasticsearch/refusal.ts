import type { estypes } from '@elastic/elasticsearch'

/** What Elasticsearch answers instead of a result, in its own shape. */
export class Refusal extends Error {
  readonly status: number
  readonly body: estypes.ErrorResponseBase

  constructor(status: number, type: string, reason: string, wrappedIn?: string) {
    super(reason)
    this.status = status
    const cause = { type, reason }
    this.body = {
      status,
      error: {
        type: wrappedIn ?? type,
        reason: wrappedIn === undefined ? reason : 'all shards failed',
        root_cause: [cause],
      },
    }
  }
}

/** Whatever is not in the list is a mistake of the asker's, never ignored. */
export function onlyKnown(what: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key))
  if (unknown !== undefined)
    throw new Refusal(400, 'parsing_exception', `[${what}] does not support [${unknown}]`)
}
