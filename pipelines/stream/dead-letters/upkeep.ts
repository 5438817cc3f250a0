import { Gauge, type Registry } from 'prom-client'
import { HOUR } from '#pipelines/kernel/clock.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import type { Loop } from '#pipelines/kernel/loop.ts'
import { forgetBytes, openDeadLetters } from './store.ts'

/** Shows how many dead letters wait for an operator. Read when asked for; unchanged while the database is away. */
export function watchDeadLetters(database: Database, consumer: string, registry: Registry): void {
  new Gauge({
    name: 'stream_open_dead_letters',
    help: 'Dead letters that are neither replayed nor discarded',
    labelNames: ['topic'],
    registers: [registry],
    async collect() {
      const open = await openDeadLetters(database, consumer).catch(() => undefined)
      if (!open) return
      this.reset()
      for (const { topic, letters } of open) this.set({ topic }, letters)
    },
  })
}

/** Forgets the bytes of old dead letters. */
export function forgettingBytes(database: Database, consumer: string, keepMs: number): Loop {
  return {
    name: 'dead-letter-retention',
    everyMs: Math.min(HOUR, keepMs),
    async run(signal) {
      while (!signal.aborted && (await forgetBytes(database, consumer, keepMs)));
    },
  }
}
