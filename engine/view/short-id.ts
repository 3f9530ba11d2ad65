/** As much of an id as people are willing to type; the beginning of one is understood wherever only one begins so. */
export function shortId(id: string): string {
  return id.slice(0, 8)
}
