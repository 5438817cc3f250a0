export const OVERLAPS = ['SKIP', 'QUEUE', 'ALLOW'] as const
/** What becomes of a due time while a run of the schedule is not over: recorded as SKIPPED, waits for its end, or runs beside it. */
export type Overlap = (typeof OVERLAPS)[number]

export const CATCH_UPS = ['NONE', 'LAST', 'ALL'] as const
/** Which of the due times that passed while nobody could start them are made up for: none, the latest, or each, within the window. */
export type CatchUp = (typeof CATCH_UPS)[number]

/** When a schedule is due: a fixed interval from an anchor, or a cron expression in a time zone. */
export type Timing =
  | { readonly everyMs: number; readonly cron?: never; readonly timeZone?: never }
  | { readonly everyMs?: never; readonly cron: string; readonly timeZone: string }

export interface SchedulePolicies {
  /** Default SKIP. */
  readonly overlap: Overlap
  /** Default LAST. */
  readonly catchUp: CatchUp
  /** How far back catching up goes. Milliseconds, default one hour. */
  readonly catchUpWindowMs: number
  /** Each run is put off by up to so many milliseconds, the same for a due time wherever it is computed. Default 0. */
  readonly jitterMs: number
}

/** What a schedule is, without where it stands. */
export type ScheduleDefinition = Timing &
  SchedulePolicies & {
    readonly name: string
    readonly taskName: string
    readonly arguments: Readonly<Record<string, unknown>>
  }

/** What somebody asks for: what is left out has its default. */
export type ScheduleInput = {
  readonly name: string
  readonly taskName: string
  readonly arguments?: Readonly<Record<string, unknown>> | undefined
  readonly everyMs?: number | undefined
  readonly cron?: string | undefined
  /** Default UTC. */
  readonly timeZone?: string | undefined
} & { readonly [P in keyof SchedulePolicies]?: SchedulePolicies[P] | undefined }

/** A schedule and where it stands. Times are ISO 8601. */
export type Schedule = ScheduleDefinition & {
  readonly paused: boolean
  readonly pausedAt: string | null
  readonly pausedBy: string | null
  readonly pauseReason: string | null
  /** Null when it is never due again. A paused one keeps it, and passes over what became due meanwhile. */
  readonly nextDueAt: string | null
  readonly lastDueAt: string | null
  /** Due times that passed without a run. */
  readonly missed: number
  readonly version: number
  readonly updatedAt: string
  readonly updatedBy: string
}
