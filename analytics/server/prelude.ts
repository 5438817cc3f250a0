import { availableParallelism } from 'node:os'
import type { Call } from './call.ts'
import { quote, quoteName } from './engine.ts'
import { ServerError } from './errors.ts'
import { listFilters, type Scope } from './guard/scope.ts'

/** What an analyst's statement may use up. An analyst may ask for less, never for more. */
export const ANALYST_LIMITS = {
  max_execution_time: 60, // seconds
  max_memory_usage: 2_000_000_000, // bytes
  max_result_rows: 5_000_000,
  max_result_bytes: 1_000_000_000,
  max_rows_to_read: 2_000_000_000,
  max_threads: 2,
} as const

/**
 * Settings an analyst may give: how things look, and the limits above. By name, as others of the same beginnings name files
 * (`format_template_row`, `format_schema`) or addresses.
 */
const ANALYST_SETTINGS = new Set(
  `add_http_cors_header cancel_http_readonly_queries_on_client_close date_time_input_format date_time_output_format
   enable_http_compression extremes final format_csv_delimiter format_csv_null_representation format_tsv_null_representation
   http_headers_progress_interval_ms http_response_buffer_size http_wait_end_of_query http_zlib_compression_level join_use_nulls
   limit max_block_size offset readonly result_overflow_mode send_progress_in_http_headers session_timezone totals_mode
   union_default_mode allow_experimental_analyzer enable_analyzer prefer_column_name_to_alias group_by_use_nulls`.split(
    /\s+/,
  ),
)
/** Drivers send these with everything. Who cannot insert is not told about them. */
const OF_INSERTS = new Set([
  'async_insert',
  'wait_for_async_insert',
  'insert_deduplicate',
  'insert_deduplication_token',
])
const LOOKS = /^output_format_(?!schema)\w+$/

/** Of a small machine's processors analysts get half each: a long question on all of them would hold up everybody's next one. */
const MOST_THREADS = Math.max(1, Math.min(ANALYST_LIMITS.max_threads, Math.floor(availableParallelism() / 2)))

/** Who goes first when statements run side by side: a block of a later one waits, a second at most, while a statement of an earlier one runs. */
const PRIORITY = { admin: 1, ingest: 1, analyst: 2 } as const

/** Of an answer that is made as a whole before it is sent: the engine holds all of it. */
const MOST_WHOLE_BYTES = 256_000_000

function analystSettings(given: Call['settings'], whole: boolean): Map<string, string> {
  const settings = new Map<string, string>()
  for (const [name, value] of given) {
    if (name in ANALYST_LIMITS || OF_INSERTS.has(name)) continue
    if (!ANALYST_SETTINGS.has(name) && !LOOKS.test(name))
      throw new ServerError(164, 'READONLY', `Cannot modify '${name}' setting in readonly mode.`)
    settings.set(name, value)
  }
  const limits = {
    ...ANALYST_LIMITS,
    max_threads: MOST_THREADS,
    ...(whole && { max_result_bytes: MOST_WHOLE_BYTES }),
  }
  for (const [name, limit] of Object.entries(limits)) {
    const asked = Number(given.get(name) ?? limit)
    settings.set(name, String(asked > 0 && asked < limit ? asked : limit))
  }
  return settings
}

/** Where the call's unqualified names are looked up. */
export function databaseOf({ role, database }: Pick<Call, 'role' | 'database'>, scope: Scope): string {
  if (role !== 'analyst' || (database && database !== 'default')) return database || 'default'
  return scope.home ?? 'default'
}

/** The statements that set a connection up for the call. `tag` is what `kill` finds the statement by; `whole` says that its answer is not streamed. */
export function preludeOf(call: Call, tag: string, scope: Scope, whole = false): string {
  const analyst = call.role === 'analyst'
  const settings = analyst ? analystSettings(call.settings, whole) : new Map(call.settings)
  settings.delete('log_comment')
  if (analyst || !settings.has('priority')) settings.set('priority', String(PRIORITY[call.role]))
  if (analyst) {
    settings.set('additional_table_filters', listFilters(scope))
    settings.set('readonly', '1')
  } else if (call.readOnly && !settings.has('readonly')) settings.set('readonly', '2')
  // One insert is one part: with asynchronous inserts the engine would gather several and answer before they are written.
  if (!analyst) settings.set('async_insert', '0')

  const statements: string[] = []
  const database = databaseOf(call, scope)
  if (database !== 'default') statements.push(`USE ${quoteName(database)}`)
  const parameters = [...call.parameters].map(([name, value]) => `param_${name} = ${quote(value)}`)
  if (parameters.length > 0) statements.push(`SET ${parameters.join(', ')}`)
  // Last, as readonly forbids every further SET.
  const pairs = [['log_comment', tag] as const, ...settings].map(([name, value]) => `${name} = ${quote(value)}`)
  statements.push(`SET ${pairs.join(', ')}`)
  return statements.join('; ')
}
