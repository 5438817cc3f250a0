import { brokerLogin } from '#pipelines/http/broker-login.ts'
import { serviceConfig } from '#pipelines/http/service-config.ts'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { readConfig, Type } from '#pipelines/kernel/config.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { closer, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { createOutbox } from '#pipelines/outbox/outbox.ts'
import { createRelay } from '#pipelines/outbox/relay.ts'
import { kafkajsBinder } from '#pipelines/stream/binders/kafkajs/binder.ts'
import { sendThrough } from '#pipelines/stream/partitioner.ts'
import { createCodec } from '#schemas/codec/codec.ts'
import { moveChanges } from '../executions/changes.ts'

const { kafkaBrokers, kafkaSsl, kafkaSaslMechanism, kafkaUsername, kafkaPassword, registryUrl } = serviceConfig
const Config = Type.Object({ kafkaBrokers, kafkaSsl, kafkaSaslMechanism, kafkaUsername, kafkaPassword, registryUrl })

/** Long enough for a broker that is up; one that is not gets it from whoever comes next. */
const WITHIN_MS = 10 * SECOND

/**
 * Publishes what changed, once, without a scheduler: moves it to the outbox and sends the outbox.
 * @throws UsageError `CONFIG_INVALID` without broker or registry; CodedError `NOT_PUBLISHED` when the broker did not take all of it in time
 */
export async function publishAlone(database: Database, environment: NodeJS.ProcessEnv, log: Log): Promise<void> {
  const config = readConfig(Config, environment)
  const codec = createCodec({ registryUrl: config.registryUrl })
  await codec.prepare(['TaskExecutionChanged'])
  const outbox = createOutbox('tasks', codec)
  while ((await moveChanges(database, outbox)).length > 0);
  const open = closer()
  try {
    const binder = open.add(
      kafkajsBinder({ ...brokerLogin(config), brokers: config.kafkaBrokers, clientId: 'tasks', log }),
    )
    const relay = open.add(createRelay({ database, send: sendThrough(binder), log, balanceEveryMs: 200 }))
    relay.start()
    const until = performance.now() + WITHIN_MS
    while (await isAnyUnsent(database)) {
      if (performance.now() > until)
        throw new CodedError('NOT_PUBLISHED', `the broker did not take everything within ${WITHIN_MS} ms`, {
          retriable: true,
        })
      await pause(50)
    }
  } finally {
    await open.close()
  }
}

async function isAnyUnsent(database: Database): Promise<boolean> {
  const [row] = await database.query<{ any: boolean }>(
    'select exists (select from outbox where sent_at is null) as any',
  )
  return row?.any === true
}
