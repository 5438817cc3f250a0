import { expect, test } from 'vitest'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { openSubscriptions } from './open-subscriptions.ts'
import type { Subscription } from './types.ts'

function subscription(close: () => Promise<void>): Subscription {
  return { close, commit: async () => {}, pause() {}, resume() {}, seek() {} }
}

test('a subscription that was closed is kept no longer', async () => {
  const open = openSubscriptions()
  let closings = 0
  const one = open.add(subscription(async () => void closings++))
  await one.close()
  expect(open.size).toBe(0)
  await open.close()
  expect(closings).toBe(1)
})

test('closing closes the others, even if one of them fails', async () => {
  const open = openSubscriptions()
  let closings = 0
  open.add(subscription(async () => void closings++))
  open.add(subscription(() => Promise.reject(new CodedError('TEST', 'it fails'))))
  open.add(subscription(async () => void closings++))
  await expect(open.close()).rejects.toMatchObject({ code: 'CLOSE_FAILED' })
  expect(closings).toBe(2)
  expect(open.size).toBe(0)
})
