import { afterEach, expect, it } from 'vitest'
import { seeded, seedOfRun } from '#pipelines/kernel/chance.ts'
import { type Closable, pause } from '#pipelines/kernel/lifecycle.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { randomName } from '#pipelines/testing/names.ts'
import { harness } from '../../testing/harness.ts'
import { rowForRow } from '../../testing/row-for-row.ts'
import { openWorkload } from '../../testing/workload.ts'
import { type Instance, instances } from './instances.ts'
import { openKillRun } from './run.ts'
import { everyStrike } from './strikes.ts'

const seed = seedOfRun()
/** `STRIKES=n` makes the run shorter or longer. */
const many = Number(process.env.STRIKES) || 320
/** Beyond this a member that fell silent is put out of its group. */
const SESSION_MS = 6_000

const open: Closable[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

it(`shows each record once, row for row, after ${many} kills, lost answers and zombies (SEED=${seed})`, async () => {
  const chance = seeded(seed)
  const run = await openKillRun(chance)
  open.push(run)
  let done = 0
  while (done < many)
    for (const strike of everyStrike(chance, { partitioned: false }).slice(0, many - done)) {
      await run.strike(strike)
      done++
      if (done % 40 === 0) process.stdout.write(`${done} strikes of ${many}\n`)
    }
  await run.finish()
  const compared = await rowForRow(run.shop, { withinMs: 300_000 })
  process.stdout.write(`${done} strikes, compared row for row: ${JSON.stringify(compared)} (SEED=${seed})\n`)
  expect(compared.records).toBeGreaterThan(done)
})

it(`shows each record once, row for row, after a kill at every step of a flush whose events are several parts (SEED=${seed})`, async () => {
  const chance = seeded(seed + 2)
  const run = await openKillRun(chance, { partitioned: true })
  open.push(run)
  const strikes = everyStrike(chance, { partitioned: true })
  for (const strike of strikes) await run.strike(strike)
  // They were several parts, and one of them alone is not the position.
  const { store } = run.shop.databases
  const [days] = await run.shop.rows<{ days: number; placed: number }>(
    `SELECT uniqExact(partition) AS days, (SELECT count() FROM ${store}.positions) > 0 AS placed FROM system.parts
     WHERE database = '${store}' AND table = 'events' AND active`,
  )
  expect(days?.days).toBeGreaterThanOrEqual(5)
  expect(days?.placed).toBe(1)
  await run.finish()
  const compared = await rowForRow(run.shop, { withinMs: 300_000 })
  process.stdout.write(`${strikes.length} strikes on partitions, compared row for row: ${JSON.stringify(compared)}\n`)
})

it(`shows each record once while two and three instances of one group come, go, are killed and fall silent (SEED=${seed})`, async () => {
  const chance = seeded(seed + 1)
  const shop = await harness()
  open.push(shop)
  const ingests = instances(shop, shop.clickhouseUrl, { sessionTimeoutMs: SESSION_MS })
  open.push(ingests)
  const workload = await openWorkload(shop, chance)
  open.push(workload)
  const records = workload.keepOn(25)
  open.push(records)
  const groupId = randomName('group')
  const start = () => ingests.start({ groupId })
  const running: Instance[] = [await start()]
  const silent: Instance[] = []
  const take = () => running.splice(chance.between(0, running.length - 1), 1)[0] as Instance
  const did = { came: 0, left: 0, killed: 0, silent: 0 }
  for (let round = 0; round < 40; round++) {
    const what = chance.pick(['come', 'leave', 'kill', 'fall silent'] as const)
    if (running.length < 2 || (what === 'come' && running.length < 3)) {
      running.push(await start())
      did.came++
    } else if (what === 'leave') {
      const one = take()
      one.signal('SIGTERM')
      await one.exited
      did.left++
    } else if (what === 'kill') {
      const one = take()
      one.signal('SIGKILL')
      await one.exited
      did.killed++
    } else if (what === 'fall silent' && silent.length < 2) {
      const one = take()
      one.signal('SIGSTOP')
      silent.push(one)
      did.silent++
      // Its partitions go to others, and then it wakes up with what it had in its hands.
      await pause(SESSION_MS + chance.between(500, 3_000))
      one.signal('SIGCONT')
      running.push(...silent.splice(0))
    }
    await pause(chance.between(0, 2_500))
  }
  await records.close()
  await workload.finish()
  await eventually(() => running.some((one) => !one.over), { what: 'an instance that lives' })
  const compared = await rowForRow(shop, { withinMs: 120_000 })
  process.stdout.write(`${JSON.stringify(did)}, compared row for row: ${JSON.stringify(compared)} (SEED=${seed})\n`)
  for (const count of Object.values(did)) expect(count).toBeGreaterThan(0)
  // Nobody stopped reading for good: what is written now arrives, too.
  await workload.burst()
  await rowForRow(shop)
})
