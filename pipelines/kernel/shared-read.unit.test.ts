import { expect, test } from 'vitest'
import { sharedRead } from './shared-read.ts'

test('whoever asks while a read is under way gets its answer; later ones get a new read', async () => {
  let reads = 0
  const read = sharedRead(async () => ++reads)
  expect(await Promise.all([read(), read()])).toEqual([1, 1])
  expect(await read()).toBe(2)
})

test('a read that fails is not remembered', async () => {
  let reads = 0
  const read = sharedRead(async () => {
    if (++reads === 1) throw new TypeError('away')
    return reads
  })
  await expect(read()).rejects.toThrow('away')
  expect(await read()).toBe(2)
})
