/**
 * Vocabulary. A *panel* is one SQL file: a question, and how its answer is drawn. A *dashboard* is the panels that name it. A *filter* is a file whose
 * answer is what a reader can choose from. *Rows* are a file that lists what a bar or a point is made of: a panel's *drill* leads there.
 * Types only: the browser shares them.
 */
export const CHARTS = [
  'stats',
  'line',
  'area',
  'columns',
  'bars',
  'funnel',
  'quantiles',
  'completeness',
  'table',
  'rows',
  'filter',
] as const
export type Chart = (typeof CHARTS)[number]

/** What the numbers of a chart are. `money` is minor units of the chosen currency, or of the row's own `currency` column. */
export const UNITS = ['count', 'money', 'percent', 'ms', 'seconds', 'bytes', 'per-second'] as const
export type Unit = (typeof UNITS)[number]

export const WIDTHS = ['third', 'half', 'two-thirds', 'full'] as const
export type Width = (typeof WIDTHS)[number]

/** What a time slot without rows is: nothing happened (0), not known (open), or as before (last). */
export const GAPS = ['zero', 'open', 'last'] as const
export type Gaps = (typeof GAPS)[number]

/** Where a click leads: the rows of another file, its parameters filled from the columns of what was clicked. */
export interface Drill {
  readonly rows: string
  /** Parameter of the rows by column of the panel. */
  readonly with: Readonly<Record<string, string>>
}

export interface Parameter {
  readonly name: string
  readonly type: string
}

export interface Panel {
  /** The file's name without `.sql`. */
  readonly id: string
  readonly title: string
  /** One sentence that says what is counted, and by which time. */
  readonly about?: string
  /** What is said when there are no rows. */
  readonly empty?: string
  /** Absent for rows and filters. */
  readonly dashboard?: string
  readonly order: number
  readonly chart: Chart
  readonly unit: Unit
  readonly width: Width
  readonly gaps: Gaps
  /** It is not asked more often than this, however often the page refreshes. */
  readonly refreshSeconds: number
  /** False where the period before has no meaning: what is now. */
  readonly compare: boolean
  /** A filter that always has a value, the first of its answer by default. */
  readonly required: boolean
  readonly drill?: Drill
  /** What ClickHouse is asked, `$bucket` written out. */
  readonly sql: string
  readonly parameters: readonly Parameter[]
}

/** A file that is no panel, and why. */
export interface Fault {
  readonly file: string
  readonly line: number
  readonly message: string
}

export interface PanelSet {
  readonly panels: readonly Panel[]
  readonly faults: readonly Fault[]
}

/** What a panel answered. 64-bit integers beyond 2^53 are text. */
export interface PanelAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly unknown[])[]
  readonly truncated: boolean
  readonly statistics: { readonly elapsedMs: number; readonly rowsRead: number; readonly bytesRead: number }
  /** The values that the SQL was asked with, to ask it again elsewhere. */
  readonly parameters: Readonly<Record<string, string | readonly (string | number)[]>>
}
