import type { Chance } from '#pipelines/kernel/chance.ts'
import { POINTS, type Point } from '#pipelines/kernel/failpoint.ts'
import type { Moment } from '../../testing/lossy-proxy.ts'

/** Every step of an ingest, from where it asks for its positions to where it tells them to Kafka. */
const ALL_STEPS: readonly Point[] = POINTS.filter((point) => point.startsWith('ingest.'))
/** Those of a table with partitions, where the position is a row of its own. */
const OF_PARTITIONS = /^ingest\.position\./

/** What a flush passes by: how the events lie decides it. */
export interface Lying {
  readonly partitioned: boolean
}

export const stepsOf = ({ partitioned }: Lying): readonly Point[] =>
  ALL_STEPS.filter((point) => partitioned || !OF_PARTITIONS.test(point))

const tablesOf = ({ partitioned }: Lying): readonly string[] => [
  'dead_letters',
  'orders',
  'events',
  ...(partitioned ? ['positions'] : []),
]

/** One thing that goes wrong. `nth`: at which passing of the point. */
export type Strike =
  /** The ingest is killed at a step. */
  | { readonly victim: 'ingest'; readonly point: Point; readonly nth: number }
  /** The ingest is killed while an insert is on its way, or was acknowledged and it will never know. */
  | { readonly victim: 'ingest'; readonly table: string; readonly moment: Moment }
  | { readonly victim: 'ingest'; readonly afterMs: number }
  /** ClickHouse is killed while the ingest stands at a step. */
  | { readonly victim: 'clickhouse'; readonly point: Point; readonly nth: number }
  /** ClickHouse is killed while it takes an insert in. */
  | { readonly victim: 'clickhouse'; readonly table: string; readonly moment: Moment }
  | { readonly victim: 'clickhouse'; readonly afterMs: number }
  /** An insert is acknowledged, the answer is lost, and both live on. */
  | { readonly victim: 'answer'; readonly table: string }
  /** A second ingest reads the same beside the first, which is stopped (as by a debugger) at a step, and goes on when all is done. */
  | { readonly victim: 'zombie'; readonly point: Point }

/** Steps at which a flush can be frozen half done. */
const ofAFlush = (steps: readonly Point[]) => steps.filter((point) => !/positions|told/.test(point))

/** Each step once, each insert at each moment once: what a round of the long suite goes through. */
export function everyStrike(chance: Chance, lying: Lying): readonly Strike[] {
  const [steps, tables] = [stepsOf(lying), tablesOf(lying)]
  const flush = ofAFlush(steps)
  const nth = () => chance.between(1, 3)
  const moments: readonly Moment[] = ['begun', 'sent', 'answered']
  return chance.shuffled([
    ...steps.map((point): Strike => ({ victim: 'ingest', point, nth: point.includes('positions') ? 1 : nth() })),
    ...flush.map((point): Strike => ({ victim: 'clickhouse', point, nth: nth() })),
    ...tables.flatMap((table) => moments.map((moment): Strike => ({ victim: 'ingest', table, moment }))),
    ...tables.flatMap((table) => moments.map((moment): Strike => ({ victim: 'clickhouse', table, moment }))),
    ...tables.map((table): Strike => ({ victim: 'answer', table })),
    ...Array.from({ length: 8 }, (): Strike => ({ victim: 'ingest', afterMs: chance.between(0, 400) })),
    ...Array.from({ length: 3 }, (): Strike => ({ victim: 'clickhouse', afterMs: chance.between(0, 200) })),
    ...flush.filter((point) => point.endsWith('before')).map((point): Strike => ({ victim: 'zombie', point })),
  ])
}

/** Twenty kills that pass by everything: the ingest at each step, ClickHouse around and within the commit, answers lost. */
export function twentyKills(chance: Chance): readonly Strike[] {
  return chance.shuffled([
    ...stepsOf({ partitioned: false }).map((point): Strike => ({ victim: 'ingest', point, nth: 1 })),
    { victim: 'ingest', table: 'events', moment: 'answered' },
    { victim: 'ingest', table: 'orders', moment: 'begun' },
    { victim: 'ingest', afterMs: chance.between(0, 100) },
    { victim: 'ingest', afterMs: chance.between(100, 300) },
    { victim: 'clickhouse', point: 'ingest.orders.after', nth: 1 },
    { victim: 'clickhouse', table: 'events', moment: 'begun' },
    { victim: 'clickhouse', table: 'events', moment: 'sent' },
    { victim: 'clickhouse', table: 'events', moment: 'answered' },
    { victim: 'clickhouse', afterMs: chance.between(0, 100) },
  ])
}
