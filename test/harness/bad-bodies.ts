/** What no door for events may accept, or fall over: the body, the status it gets, and words the answer must have. */
export type BadBody = readonly [what: string, body: string, status: number, because: string]

export const badBodies: readonly BadBody[] = [
  ['no body', '', 400, 'cannot be read as JSON'],
  ['no JSON', '{"type":', 400, 'cannot be read as JSON'],
  ['a word', '"critical"', 400, 'object'],
  ['null', 'null', 400, 'object'],
  ['a number no computer holds', '1e999', 400, 'object'],
  ['hostile depth', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 400, 'nests more than'],
  ['hostile depth inside', `[{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}]`, 400, 'nests more than'],
  ['a prototype', '{"__proto__":{"entity":"a","check":"b","state":"ok"}}', 400, ''],
  ['too much', `[${' '.repeat(10 * 1024 * 1024)}]`, 413, 'too large'],
]

/** More than one request may hold, in an array. */
export const tooMany: BadBody = [
  'more events than fit',
  `[${'0,'.repeat(60_000)}0]`,
  400,
  'The body holds 60001 events, 50000 are the most',
]
