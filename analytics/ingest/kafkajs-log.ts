import { type LogEntry, type logCreator, logLevel } from 'kafkajs'
import type { Log } from '#pipelines/kernel/log.ts'

/** kafkajs's lines as ours. What it calls an error is mostly a broker that is away for a moment, which it retries itself. */
export function kafkajsLog(log: Log): logCreator {
  return () =>
    ({ level, log: { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...facts } }: LogEntry) => {
      if (level === logLevel.ERROR || level === logLevel.WARN) log.warn({ kafka: facts }, message)
      else log.debug({ kafka: facts }, message)
    }
}
