import kafkajs from 'kafkajs'
import { CodedError, causesOf, messageOf, Unavailable } from '#pipelines/kernel/errors.ts'

/** What a broker answers about the records themselves: the same again is refused again. */
const REFUSALS = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'TOPIC_AUTHORIZATION_FAILED',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'POLICY_VIOLATION',
])

/** Turns what kafkajs throws into our errors. What is no error of a broker or a connection stays as it is. */
export function asCoded(error: unknown): unknown {
  const types = [...causesOf(error)].map((cause) => (cause as { type?: string }).type)
  const refusal = types.find((type) => type !== undefined && REFUSALS.has(type))
  if (refusal) {
    return new CodedError('PRODUCE_REFUSED', `the broker refuses: ${messageOf(error)}`, {
      facts: { refusal },
      cause: error,
    })
  }
  if (!(error instanceof kafkajs.KafkaJSError)) return error
  return new Unavailable('BROKER_AWAY', `the broker cannot be reached or is not ready: ${error.message}`, {
    cause: error,
  })
}
