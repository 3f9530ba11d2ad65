/** What tells one thing from another: names and values as plain text, e.g. `app: 'orders-service'`. */
export type Labels = Readonly<Record<string, string>>
