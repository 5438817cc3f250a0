import { describe, expect, it } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { expireBaskets, resendCheckouts } from '../loops.ts'
import { basketRig } from '../testing/rig.ts'

const { signal } = new AbortController()

describe('OrderStarted', () => {
  it('deletes the basket that was closed, and with it address and payment token', async () => {
    const rig = await basketRig()
    const event = await rig.ordered(1, 1)
    expect(await rig.started(event)).toEqual({ outcome: 'done' })
    expect(await rig.database.query('select 1 from baskets')).toEqual([])
    const [checkout] = await rig.database.query('select * from checkouts')
    expect(checkout).toMatchObject({ status: 'Started', event: null, resend_at: null })
    expect(JSON.stringify(checkout)).not.toMatch(/tok_|Market Street/)
  })

  it('never touches a newer basket, however late and however often it comes', async () => {
    const rig = await basketRig()
    const event = await rig.ordered(1, 1)
    const newer = (await rig.put(2, 4)).body
    for (let i = 0; i < 3; i++) await rig.started(event)
    expect((await rig.show()).body).toMatchObject({ basketId: newer.basketId, unitCount: 4 })
    expect(await rig.started(event)).toMatchObject({ outcome: 'ignored' })
  })

  it('never touches an open basket, nor a closed one at another version', async () => {
    const rig = await basketRig()
    const { basketId, version } = (await rig.put(1, 1)).body
    await rig.started({ orderId: newId(), basketId, basketVersion: version })
    expect((await rig.show()).body).toMatchObject({ basketId, unitCount: 1 })
    await rig.checkout('k')
    await rig.started({ orderId: newId(), basketId, basketVersion: version + 1 })
    expect(await rig.database.query('select basket_id from baskets')).toEqual([{ basket_id: basketId }])
  })
})

describe('a checkout that ordering says nothing of', () => {
  it('is sent again after a while: same order and content, new event id, and less and less often', async () => {
    const rig = await basketRig({ resendAfterMs: 60_000 })
    const resend = resendCheckouts({ publisher: rig.publisher, resendAfterMs: 60_000 })
    await rig.ordered(1, 2)
    await resend.run(signal)
    expect(await rig.published()).toHaveLength(1)
    await rig.database.query('update checkouts set resend_at = now()')
    await resend.run(signal)
    await resend.run(signal)
    const [first, second, ...more] = await rig.published()
    expect(more).toEqual([])
    expect(second).toEqual({ ...first, eventId: expect.any(String) })
    expect(second?.eventId).not.toBe(first?.eventId)
    const [waits] = await rig.database.query(
      "select resend_at > now() + interval '100 seconds' as longer from checkouts",
    )
    expect(waits).toEqual({ longer: true })
  })

  it('is not sent again once it was started', async () => {
    const rig = await basketRig({ resendAfterMs: 0 })
    await rig.started(await rig.ordered(1, 2))
    await resendCheckouts({ publisher: rig.publisher, resendAfterMs: 0 }).run(signal)
    expect(await rig.published()).toHaveLength(1)
  })

  it('is sent again by one instance, however many look', async () => {
    const rig = await basketRig()
    for (const who of ['a', 'b', 'c']) await rig.ordered(1, 1, { as: who })
    await rig.database.query('update checkouts set resend_at = now()')
    const loops = [1, 2, 3, 4].map(() => resendCheckouts({ publisher: rig.publisher, resendAfterMs: 60_000 }))
    await Promise.all(loops.map((loop) => loop.run(signal)))
    expect(await rig.published()).toHaveLength(6)
  })
})

describe('baskets whose time is over', () => {
  it('are removed; others, and closed ones, are not', async () => {
    const rig = await basketRig()
    await rig.ordered(1, 1, { as: 'closed' })
    await rig.put(1, 1, { as: 'old' })
    await rig.database.query("update baskets set expires_at = now() - interval '1 hour'")
    await rig.put(1, 1, { as: 'young' })
    await expireBaskets(rig.database).run(signal)
    const left = await rig.database.query<{ customer_id: string }>('select customer_id from baskets order by 1')
    expect(left.map((row) => row.customer_id)).toEqual(['closed', 'young'])
  })
})
