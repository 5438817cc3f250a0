import { afterAll, beforeAll } from 'vitest'
import { closer } from '#pipelines/kernel/lifecycle.ts'
import { type SecuredKafka, securedKafka } from '../../testing/secured-kafka.ts'
import { rdkafkaInstalled } from '../rdkafka/package.ts'
import { type SourceName, sources } from '../sources.ts'
import { sourceConformance } from './conformance.ts'

const open = closer()
let own: SecuredKafka
beforeAll(async () => {
  own = open.add(await securedKafka())
})
afterAll(() => open.close())

for (const name of Object.keys(sources) as SourceName[])
  if (name !== 'rdkafka' || rdkafkaInstalled())
    sourceConformance(name, { kafka: () => own, broker: { killed: true, silent: true } })
