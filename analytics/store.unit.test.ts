import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { HOUR } from '#pipelines/kernel/clock.ts'
import { openStore, openUpkeep, type StoreAddress, UPKEEP_TIMEOUT_MS } from './store.ts'

const SLOW_MS = 500
/** A ClickHouse that thinks for half a second before it says a word, as a real one does over a large mutation. */
const slow = createServer((request, response) => {
  request.resume().on('end', () => setTimeout(() => response.end(), SLOW_MS))
})
let address: StoreAddress
beforeAll(async () => {
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`
  address = { clickhouseUrl: url, clickhouseUser: 'default', clickhousePassword: '', clickhouseDatabase: 'eshop' }
})
afterAll(() => slow.close())

it('a statement that says nothing for longer than the client waits is given up, and what maintains the tables waits for a day', async () => {
  const hasty = openStore(address, { requestTimeoutMs: SLOW_MS / 5 })
  await expect(hasty.command({ query: 'INSERT INTO a SELECT * FROM b' })).rejects.toThrow(/timeout/i)
  await hasty.close()
  const patient = openUpkeep(address)
  await patient.command({ query: 'INSERT INTO a SELECT * FROM b' })
  await patient.close()
  expect(UPKEEP_TIMEOUT_MS).toBeGreaterThanOrEqual(12 * HOUR)
  expect(UPKEEP_TIMEOUT_MS).toBeLessThan(2 ** 31) // what a timer takes; more is no time at all
})
