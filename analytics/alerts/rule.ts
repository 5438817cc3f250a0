import { Type } from '#pipelines/kernel/config.ts'

const Duration = Type.String({ pattern: '^[1-9]\\d{0,5}(s|m|h)$', description: 'like 30s, 5m, 2h' })

export const REDUCES = ['max', 'min', 'sum', 'avg', 'first', 'last', 'rows'] as const
export type Reduce = (typeof REDUCES)[number]
export type NoData = 'keep' | 'ok' | 'fire'

/** A file `<name>.json`. */
export const RuleFile = Type.Object(
  {
    panel: Type.String({ minLength: 1, description: "the panel's file name without .sql" }),
    column: Type.Optional(Type.String({ minLength: 1, description: 'by default the last column of numbers' })),
    reduce: Type.Optional(
      Type.Union(
        REDUCES.map((name) => Type.Literal(name)),
        { description: 'how rows become one number: max by default; rows counts them' },
      ),
    ),
    above: Type.Optional(Type.Number({ description: 'fires when the number is greater' })),
    below: Type.Optional(Type.Number({ description: 'fires when the number is less' })),
    clearAt: Type.Optional(
      Type.Number({ description: 'is over only when the number has come back to this; the threshold by default' }),
    ),
    for: Type.Optional(Duration),
    clearFor: Type.Optional(Duration),
    window: Type.Optional(Duration),
    every: Type.Optional(Duration),
    repeat: Type.Optional(Duration),
    noData: Type.Optional(Type.Union([Type.Literal('keep'), Type.Literal('ok'), Type.Literal('fire')])),
    values: Type.Optional(Type.Record(Type.String(), Type.String())),
    webhook: Type.Optional(
      Type.String({ description: 'https address, or $NAME of a variable of the environment that holds it' }),
    ),
  },
  { additionalProperties: false },
)
export interface RuleFile {
  readonly panel: string
  readonly column?: string
  readonly reduce?: Reduce
  readonly above?: number
  readonly below?: number
  readonly clearAt?: number
  readonly for?: string
  readonly clearFor?: string
  readonly window?: string
  readonly every?: string
  readonly repeat?: string
  readonly noData?: NoData
  readonly values?: Readonly<Record<string, string>>
  readonly webhook?: string
}

/** An alert's rule: a number from a panel, a threshold, and how long it must be crossed. Durations are milliseconds. */
export interface Rule {
  /** The file's name without `.json`. */
  readonly name: string
  readonly panel: string
  readonly column: string | undefined
  readonly reduce: Reduce
  readonly side: 'above' | 'below'
  readonly threshold: number
  readonly clearAt: number
  readonly forMs: number
  readonly clearForMs: number
  /** The time that the panel is asked for ends now and is this long. */
  readonly windowMs: number
  readonly everyMs: number
  /** While it fires it is told again this often. */
  readonly repeatMs: number
  readonly noData: NoData
  /** The panel's filters. */
  readonly values: Readonly<Record<string, string>>
  readonly webhook: string | undefined
}
