import { expect, test } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { SERVICES } from '../testing/shop.ts'
import { breakableShop } from './breakable-shop.ts'

test('answers of the databases lost after the work was done: nothing is done twice', async () => {
  await using rig = await breakableShop()
  const buyers = await rig.during(async () => {
    for (let round = 0; round < 3; round++) {
      for (const name of SERVICES) rig.way(name).loseAnswers()
      await pause(150)
      for (const name of SERVICES) await rig.way(name).mend()
      await pause(500)
    }
  })
  await rig.expectNothingLost(buyers)
})

test('every connection taken: 503 with Retry-After, and well again by itself', async () => {
  await using rig = await breakableShop({ maxConnections: 3 })
  const buyers = await rig.during(async ({ told }) => {
    const held = await rig.shop.databases.basket.pool.connect()
    try {
      await held.query('begin; lock table baskets in access exclusive mode')
      await eventually(() => told.some(({ status }) => status === 503), { withinMs: 20_000 })
      await pause(500)
      expect(await rig.metricOf('basket', 'http_requests_total', { status: '503' })).toBeGreaterThan(0)
    } finally {
      await held.query('rollback')
      held.release()
    }
  })
  await rig.expectNothingLost(buyers)
})

test('the clock of the services jumps an hour back and forth: no order, lease or grace period depends on it', async () => {
  let offsetMs = 0
  await using rig = await breakableShop({ clock: { now: () => Date.now() + offsetMs } })
  const buyers = await rig.during(async () => {
    for (const hours of [1, -1, 24, -24, 0]) {
      offsetMs = hours * 3_600_000
      await pause(250)
    }
  })
  await rig.expectNothingLost(buyers)
})
