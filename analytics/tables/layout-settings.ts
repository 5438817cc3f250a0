import { Type } from '#pipelines/kernel/config.ts'
import type { Interval, Layout } from './layout.ts'

const interval = (what: string) =>
  Type.Union([Type.Literal('none'), Type.Literal('day'), Type.Literal('week'), Type.Literal('month')], {
    default: 'none',
    description: `${what}: none, day, week or month; a table that has rows changes with eshop analytics rebuild`,
  })
const days = (what: string) =>
  Type.Integer({ default: 0, minimum: 0, maximum: 36_500, description: `${what}; 0 for ever` })

/** Settings of how tables lie and how long rows stay, for the environment: `PARTITION_EVENTS=month`, `KEEP_EVENTS_DAYS=90`. */
export const layoutFields = {
  partitionEvents: interval('what a partition of the events holds, by the time Kafka has of a record'),
  partitionOrders: interval('what a partition of the orders holds, by the time an order was made'),
  keepEventsDays: days('days that events stay, by the time Kafka has of a record'),
  keepOrdersDays: days('days that orders stay after they were made'),
  keepDeadLettersDays: days('days that the bytes of dead letters stay after they were stored'),
  keepImportedDays: days('days that imported orders stay after they were imported'),
} as const

export interface LayoutSettings {
  readonly partitionEvents: Interval
  readonly partitionOrders: Interval
  readonly keepEventsDays: number
  readonly keepOrdersDays: number
  readonly keepDeadLettersDays: number
  readonly keepImportedDays: number
}

export function layoutOf(settings: LayoutSettings): Layout {
  return {
    partition: { events: settings.partitionEvents, orders: settings.partitionOrders },
    keepDays: {
      events: settings.keepEventsDays,
      orders: settings.keepOrdersDays,
      deadLetters: settings.keepDeadLettersDays,
      imported: settings.keepImportedDays,
    },
  }
}
