import { describe } from 'vitest'
import type { SecuredKafka } from '../../testing/secured-kafka.ts'
import type { SourceName } from '../sources.ts'
import { logsIn, outlivesBroker } from './brokers.ts'
import { compressionsOf } from './compressions.ts'
import { keepsMembership } from './membership.ts'
import { keepsPositions } from './positions.ts'
import { readsRecords } from './records.ts'
import { worldOf } from './world.ts'

/** What the suite needs of the world: a Kafka of its own, as it restarts it. */
export interface ConformanceOutside {
  kafka(): SecuredKafka
  /** What is done to the broker, each of which takes its while. */
  readonly broker: { readonly killed: boolean; readonly silent: boolean }
}

/** What every source must do, whichever client it is made of. */
export function sourceConformance(name: SourceName, { kafka, broker }: ConformanceOutside): void {
  describe(name, () => {
    const world = worldOf(name, () => [kafka().plainBroker])
    readsRecords(world, compressionsOf(name))
    keepsPositions(world)
    keepsMembership(world)
    logsIn(world, kafka)
    outlivesBroker(world, kafka, broker)
  })
}
