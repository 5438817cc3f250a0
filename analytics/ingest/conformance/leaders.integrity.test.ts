import { rdkafkaInstalled } from '../rdkafka/package.ts'
import { type SourceName, sources } from '../sources.ts'
import { followsLeaders } from './leaders.ts'

for (const name of Object.keys(sources) as SourceName[])
  if (name !== 'rdkafka' || rdkafkaInstalled()) followsLeaders(name)
