import { afterAll, beforeAll, expect, it } from 'vitest'
import { seeded, seedOfRun } from '#pipelines/kernel/chance.ts'
import { rowForRow } from '../../testing/row-for-row.ts'
import { type KillRun, openKillRun } from './run.ts'
import { twentyKills } from './strikes.ts'

const seed = seedOfRun()
const chance = seeded(seed)
let run: KillRun
beforeAll(async () => {
  run = await openKillRun(chance)
}, 600_000)
afterAll(() => run?.close())

it(`shows each record once, row for row, after twenty kills of the ingest and of ClickHouse at every step of a flush (SEED=${seed})`, async () => {
  const strikes = twentyKills(chance)
  for (const strike of strikes) await run.strike(strike)
  await run.strike({ victim: 'answer', table: 'events' })
  await run.strike({ victim: 'zombie', point: 'ingest.events.before' })
  await run.finish()
  const { records, deadLetters, unknownFields, orders } = await rowForRow(run.shop)
  expect(strikes).toHaveLength(20)
  // It was something that was compared.
  for (const count of [records / 100, deadLetters, unknownFields, orders]) expect(count).toBeGreaterThan(1)
}, 1_800_000)
