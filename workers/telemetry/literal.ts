/**
 * Values inside the SQL text. Parameters would be tidier, but thousands of names and patterns do not fit into the URL they
 * travel in, and the embedded engine runs only one query with parameters at a time.
 */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0')}'`
}

export function literals(texts: readonly string[]): string {
  return texts.map(literal).join(', ')
}

/** An instant in the zone and precision the relations keep theirs in. */
export function instantLiteral(ms: number): string {
  return `fromUnixTimestamp64Milli(${Math.trunc(ms)}, 'UTC')`
}
