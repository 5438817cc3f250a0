import { consumedTopics } from '#pipelines/flow/bindings.ts'
import { readConfig, Type } from '#pipelines/kernel/config.ts'
import { openDatabase } from '#pipelines/kernel/database.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { memoryOutside } from '#pipelines/testing/memory-outside.ts'
import { createCatalog } from '../app.ts'
import { stockAsked } from './events.ts'

/**
 * A process of the catalog for tests of overselling: hears every order ask for one unit, and ask again, handles all of it beside
 * other processes on the same database, and ends.
 */
const { databaseUrl, productId, buyers } = readConfig(
  Type.Object({ databaseUrl: Type.String(), productId: Type.String(), buyers: Type.Integer() }),
)
const database = openDatabase({ url: databaseUrl, maxConnections: 12, name: 'catalog-instance' })
const around = await memoryOutside(database)
const http = { host: '127.0.0.1', port: 0, drainMs: 0, limits: { eventLoopDelayMs: 0 } }
const catalog = createCatalog(around.outside, http)
await catalog.start()

for (let buyer = 0; buyer < buyers; buyer++) {
  // The same ids in every process: what one does, the others hear of as a repetition, at the same moment.
  const id = (kind: string) => `01a20000-0000-7000-8${kind}-${String(buyer).padStart(12, '0')}`
  const lines = [{ productId, quantity: 1 }]
  const asked = { ...stockAsked(id('000'), lines), eventId: id('001') }
  await around.deliver(asked, { ...asked, eventId: id('002'), attempt: 2 })
}
const behind = async () => {
  const lags = await around.outside.binder.lag('catalog', consumedTopics('catalog'))
  return lags.some(({ lag }) => lag > 0)
}
while (await behind()) await pause(50)
await catalog.close()
await around.close()
await database.close()
process.stdout.write('all handled\n')
