import type { estypes } from '@elastic/elasticsearch'

/** A field that exists for one search: the address our outermost proxy saw, whatever a client wrote before it. */
export const hopField = 'tocsin_client'

/**
 * Counted where the documents are: whoever sends a different X-Forwarded-For with each request would otherwise be a
 * different client each time. Ports are left out, as some proxies write `203.0.113.7:52044` and `[2001:db8::1]:52044`.
 */
export const hopScript = [
  'if (doc.containsKey(params.field) && doc[params.field].size() == 1) {',
  "String[] hops = doc[params.field].value.splitOnToken(',');",
  'int place = hops.length - params.trustedHops;',
  'String hop = hops[place < 0 ? 0 : place].trim();',
  "int bracket = hop.indexOf(']');",
  "int colon = hop.indexOf(':');",
  "if (hop.startsWith('[') && bracket > 0) { hop = hop.substring(1, bracket); }",
  "else if (colon > 0 && colon == hop.lastIndexOf(':')) { hop = hop.substring(0, colon); }",
  'if (hop.length() > 0) { emit(hop); }',
  '}',
].join(' ')

export function hopMapping(field: string, trustedHops: number): estypes.MappingRuntimeField {
  return { type: 'keyword', script: { source: hopScript, params: { field, trustedHops } } }
}
