import { go } from './use-view.ts'

let runAtOnce = false

export type ParameterValues = Readonly<Record<string, string | readonly (string | number)[]>>

/** Opens a question in the editor and runs it. A link from elsewhere only fills the editor: whoever follows it decides to run it. */
export function openInEditor(sql: string, parameters: ParameterValues): void {
  runAtOnce = true
  go({ path: 'sql', params: { q: sql, p: JSON.stringify(parameters) } })
}

/** True once after {@link openInEditor}. */
export function takeRunAtOnce(): boolean {
  const run = runAtOnce
  runAtOnce = false
  return run
}
