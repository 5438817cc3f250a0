/**
 * What has to be there before the services start, for stacks that `eshop up` does not run (docker-compose.yml): the topics of the map and the schemas of
 * all events. Doing it again changes nothing. Environment: KAFKA_BROKERS, REGISTRY_URL.
 */
import { readConfig, Type } from '#pipelines/kernel/config.ts'
import { messageOf, UsageError } from '#pipelines/kernel/errors.ts'
import { provisionTopics } from '#pipelines/stream/provision-topics.ts'
import { registerAll } from '#schemas/codec/register.ts'

const Config = Type.Object({
  kafkaBrokers: Type.String({ minLength: 1, description: 'broker addresses, host:port, separated by commas' }),
  registryUrl: Type.String({ minLength: 1, description: "base of the schema registry's Confluent API" }),
})

try {
  const { kafkaBrokers, registryUrl } = readConfig(Config)
  console.log(await provisionTopics({ brokers: kafkaBrokers.split(',') }))
  console.log(`${(await registerAll({ registryUrl })).length} schemas registered`)
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exit(error instanceof UsageError ? 2 : 1)
}
