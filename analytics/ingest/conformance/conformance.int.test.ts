import { afterAll, beforeAll, describe, it } from 'vitest'
import { closer } from '#pipelines/kernel/lifecycle.ts'
import { type SecuredKafka, securedKafka } from '../../testing/secured-kafka.ts'
import { rdkafkaInstalled } from '../rdkafka/package.ts'
import type { SourceName } from '../sources.ts'
import { sourceConformance } from './conformance.ts'

const open = closer()
let own: SecuredKafka
beforeAll(async () => {
  own = open.add(await securedKafka())
}, 150_000)
afterAll(() => open.close())

const conforms = (name: SourceName, killed: boolean) =>
  sourceConformance(name, { kafka: () => own, broker: { killed, silent: false } })

conforms('fetch', true)
// Those two lose their broker in conformance.integrity.test.ts.
conforms('kafkajs', false)
if (rdkafkaInstalled()) conforms('rdkafka', false)
else
  describe('rdkafka', () => {
    it.skip('node-rdkafka is not installed: node bin/launcher/run.js analytics/ingest/rdkafka/install.ts', () => {})
  })
