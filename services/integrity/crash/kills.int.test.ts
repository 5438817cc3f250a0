import { expect, inject, test } from 'vitest'
import { seeded } from '#pipelines/kernel/chance.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { localAddresses } from '../chaos/local-addresses.ts'
import { reportOf } from '../oracle/report.ts'
import { commitStrikes, killPart } from './strike.ts'
import { someKills } from './strikes.ts'
import { underLoad } from './under-load.ts'

const { endpoints, env, home } = inject('shop')
const addresses = localAddresses(readSettings({ ...process.env, ...env }))
/** Killed at whatever they do: their steps are not ours. */
const WHOLE = ['clickhouse', 'kafka', 'tasks', 'postgres'] as const
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))

test('20 kills, of every service in the middle of its steps and of every store: nothing is lost, doubled or stuck', {
  timeout: 400_000,
}, async () => {
  const kills = someKills(16, seeded(SEED))
  const { attacked, findings, evidence } = await underLoad(
    { endpoints, addresses, ratePerSecond: 5, seed: SEED, settleMs: 120_000 },
    async () => {
      const struck = await commitStrikes(home, kills)
      for (const part of WHOLE) expect(await killPart(home, part), part).toBe(true)
      return struck
    },
  )
  const missed = attacked.filter(({ fired }) => !fired).map(({ strike }) => `${strike.part} ${strike.point}`)
  expect(missed, `seed ${SEED}`).toEqual([])
  expect(attacked).toHaveLength(16)
  expect(findings, `seed ${SEED}\n${reportOf(findings, evidence)}`).toEqual([])
  expect(evidence.clients.accepted.length).toBeGreaterThan(20)
})
