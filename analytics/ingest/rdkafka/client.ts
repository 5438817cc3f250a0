/** node-rdkafka as far as the source uses it; the package is optional, and so are its types. */

/** librdkafka's own error codes are negative, those of the Kafka protocol positive. */
export interface RdkafkaError {
  readonly code: number
  readonly message: string
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
  readonly offset?: number
}

export interface RdkafkaMessage {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp?: number
  readonly key?: Buffer | string | null
  readonly value: Buffer | null
  readonly headers?: readonly Readonly<Record<string, Buffer | string>>[]
}

interface Metadata {
  readonly topics: readonly { readonly name: string; readonly partitions: readonly { readonly id: number }[] }[]
}

type Answer<T> = (error: RdkafkaError | null | undefined, value: T) => void

export interface RdkafkaConsumer {
  connect(options: { readonly timeout: number }, answer: Answer<unknown>): unknown
  disconnect(answer: Answer<unknown>): unknown
  isConnected(): boolean
  subscribe(topics: readonly string[]): unknown
  assign(places: readonly TopicPartition[]): unknown
  unassign(): unknown
  assignments(): readonly TopicPartition[]
  pause(places: readonly TopicPartition[]): unknown
  resume(places: readonly TopicPartition[]): unknown
  commit(places: readonly TopicPartition[]): unknown
  consume(count: number, answer: Answer<readonly RdkafkaMessage[]>): void
  setDefaultConsumeTimeout(ms: number): void
  getMetadata(options: { readonly topic: string; readonly timeout: number }, answer: Answer<Metadata>): unknown
  queryWatermarkOffsets(
    topic: string,
    partition: number,
    timeoutMs: number,
    answer: Answer<{ readonly lowOffset: number; readonly highOffset: number }>,
  ): unknown
  /** As the broker told with the last records it sent; an offset below 0 is not known yet. @throws RdkafkaError while nothing is */
  getWatermarkOffsets(topic: string, partition: number): { readonly lowOffset: number; readonly highOffset: number }
  on(event: 'event.error', listener: (error: RdkafkaError) => void): unknown
}

export interface RdkafkaModule {
  readonly KafkaConsumer: new (
    settings: Readonly<Record<string, unknown>>,
    topicSettings: Readonly<Record<string, unknown>>,
  ) => RdkafkaConsumer
  /** What librdkafka was built with: `gzip`, `snappy`, `ssl`, `zstd` and so on. */
  readonly features: readonly string[]
}

/** Error codes of librdkafka (rdkafka.h, rd_kafka_resp_err_t). */
export const ASSIGN_PARTITIONS = -175
export const REVOKE_PARTITIONS = -174

/** A call with an answer as a promise. @throws RdkafkaError */
export function asked<T>(call: (answer: Answer<T>) => void): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  call((error, value) => (error ? reject(error) : resolve(value)))
  return promise
}
