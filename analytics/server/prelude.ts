import type { Call } from './call.ts'
import { quote, quoteName } from './engine.ts'
import { ServerError } from './errors.ts'

/** What an analyst's statement may use up. An analyst may ask for less, never for more. */
export const ANALYST_LIMITS = {
  max_execution_time: 60, // seconds
  max_memory_usage: 2_000_000_000, // bytes
  max_result_rows: 5_000_000,
  max_result_bytes: 1_000_000_000,
  max_rows_to_read: 2_000_000_000,
  max_threads: 2,
} as const

/** Settings an analyst may give: how things look, and the limits above. */
const ANALYST_SETTINGS =
  /^(output_format_\w+|format_\w+|date_time_output_format|session_timezone|max_block_size|limit|offset|result_overflow_mode|readonly|extremes|http_\w+|send_progress_in_http_headers|join_use_nulls|final|union_default_mode|cancel_http_readonly_queries_on_client_close)$/

function analystSettings(given: Call['settings']): Map<string, string> {
  const settings = new Map<string, string>()
  for (const [name, value] of given) {
    if (name in ANALYST_LIMITS) continue
    if (!ANALYST_SETTINGS.test(name))
      throw new ServerError(164, 'READONLY', `Cannot modify '${name}' setting in readonly mode.`)
    settings.set(name, value)
  }
  for (const [name, limit] of Object.entries(ANALYST_LIMITS)) {
    const asked = Number(given.get(name) ?? limit)
    settings.set(name, String(asked > 0 && asked < limit ? asked : limit))
  }
  return settings
}

/** The statements that set a fresh connection up for the call. `tag` is what `kill` finds the statement by. */
export function preludeOf(call: Call, tag: string): string {
  const analyst = call.role === 'analyst'
  const settings = analyst ? analystSettings(call.settings) : new Map(call.settings)
  settings.delete('log_comment')
  if (analyst) settings.set('readonly', '1')
  else if (call.readOnly && !settings.has('readonly')) settings.set('readonly', '2')
  // One insert is one part: with asynchronous inserts the engine would gather several and answer before they are written.
  if (!analyst) settings.set('async_insert', '0')

  const statements: string[] = []
  if (call.database) statements.push(`USE ${quoteName(call.database)}`)
  const parameters = [...call.parameters].map(([name, value]) => `param_${name} = ${quote(value)}`)
  if (parameters.length > 0) statements.push(`SET ${parameters.join(', ')}`)
  // Last, as readonly forbids every further SET.
  const pairs = [['log_comment', tag] as const, ...settings].map(([name, value]) => `${name} = ${quote(value)}`)
  statements.push(`SET ${pairs.join(', ')}`)
  return statements.join('; ')
}
