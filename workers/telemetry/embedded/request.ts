/** One query as it arrived over HTTP, taken apart. */
export interface QueryRequest {
  readonly sql: string
  /** Output format where the SQL names none. */
  readonly format: string
  readonly database: string | undefined
  readonly settings: ReadonlyMap<string, string>
  /** Values of `{name:Type}` placeholders, in ClickHouse's tab-separated escaping, as HTTP carries them. */
  readonly parameters: ReadonlyMap<string, string>
  readonly readOnly: boolean
}

/** Names the HTTP interface keeps for itself: they steer the transport, and the engine knows no such setting. */
const transportNames = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'quota_key',
  'role',
  'wait_end_of_query',
  'buffer_size',
  'http_response_buffer_size',
  'enable_http_compression',
  'http_zlib_compression_level',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'client_protocol_version',
  'close_session',
  'cancel_http_readonly_queries_on_client_close',
])

/** What the embedded engine cannot honour is refused by name rather than dropped without a word. */
const unsupportedNames = ['session_id', 'compress', 'decompress']

/** A heavy query must not starve the roles sharing this process, so every one starts inside these bounds. */
const settingDefaults: ReadonlyMap<string, string> = new Map([
  ['max_execution_time', '30'],
  ['max_memory_usage', String(512 * 1024 * 1024)],
  ['max_result_bytes', String(128 * 1024 * 1024)],
  ['max_threads', '2'],
  // Rows of an acknowledged insert are on disk and visible; the engine's own default acknowledges earlier.
  ['async_insert', '0'],
  // The engine is built as a command line tool, where "1 + 1" is a query; a server refuses it.
  ['implicit_select', '0'],
])

const longestExecutionSeconds = 120
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/

export class UnsupportedRequest extends Error {}

export function readQueryRequest(search: URLSearchParams, body: string, method: string): QueryRequest {
  const unsupported = unsupportedNames.find((name) => search.has(name) && search.get(name) !== '0')
  if (unsupported !== undefined) {
    throw new UnsupportedRequest(
      `The embedded ClickHouse has no support for the URL parameter ${unsupported}`,
    )
  }
  const settings = new Map(settingDefaults)
  const parameters = new Map<string, string>()
  for (const [name, value] of search) {
    if (name.startsWith('param_')) parameters.set(checkedName(name.slice('param_'.length)), value)
    else if (!transportNames.has(name)) settings.set(checkedName(name), value)
  }
  settings.set('max_execution_time', boundedSeconds(settings.get('max_execution_time')))
  const query = search.get('query')
  return {
    sql: query === null ? body : body === '' ? query : `${query}\n${body}`,
    format: search.get('default_format') ?? 'TabSeparated',
    database: search.get('database') ?? undefined,
    settings,
    parameters,
    readOnly: method === 'GET',
  }
}

/**
 * The statements that bring a fresh connection into the state this request asks for. Parameters need no escaping of
 * their own beyond the SQL literal: `SET param_x` reads its value exactly as HTTP's `param_x` is read.
 */
export function preparation(request: QueryRequest, mark: string): string {
  const assignments = [...request.settings, ['log_comment', mark] as const].map(
    ([name, value]) => `${name} = ${quoted(value)}`,
  )
  const statements = [`SET ${assignments.join(', ')}`]
  if (request.database !== undefined) statements.push(`USE ${quotedName(request.database)}`)
  for (const [name, value] of request.parameters) statements.push(`SET param_${name} = ${quoted(value)}`)
  // Last, because a read-only connection refuses every further SET.
  if (request.readOnly) statements.push('SET readonly = 2')
  return statements.join(';\n')
}

export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0')}'`
}

function quotedName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('\0', '\\0')}\``
}

function checkedName(name: string): string {
  if (!identifier.test(name))
    throw new UnsupportedRequest(`${JSON.stringify(name)} is no name of a setting or parameter`)
  return name
}

/** Zero means "no limit" to ClickHouse; here nothing runs without one. */
function boundedSeconds(asked: string | undefined): string {
  const seconds = Number(asked)
  return seconds > 0 && seconds <= longestExecutionSeconds ? String(seconds) : String(longestExecutionSeconds)
}
