import { topicOf } from '#pipelines/flow/bindings.ts'
import { PARTITIONS, type Part, type TopicName } from '#pipelines/flow/map.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import { backlogOf } from '#pipelines/outbox/unsent.ts'
import type { Binder } from '#pipelines/stream/binders/types.ts'
import { partitionOf } from '#pipelines/stream/partitioner.ts'
import type { Awaited, LateOrder, OpenStatus } from './decide.ts'
import { createProgress } from './progress.ts'

interface Exchange {
  /** Who is to act, and where it hears of it. */
  readonly group: Part
  readonly question: TopicName
  /** Where ordering hears what came of it. */
  readonly answer: TopicName | undefined
}

/** Whom an order waits for, by its status. The grace-period task reads no topic: what it confirmed waits for ordering itself. */
export const EXCHANGES: Readonly<Record<OpenStatus, Exchange>> = {
  Submitted: { group: 'ordering', question: topicOf('GracePeriodConfirmed'), answer: undefined },
  AwaitingValidation: {
    group: 'catalog',
    question: topicOf('OrderStatusChangedToAwaitingValidation'),
    answer: topicOf('OrderStockConfirmed'),
  },
  StockConfirmed: {
    group: 'payment',
    question: topicOf('OrderStatusChangedToStockConfirmed'),
    answer: topicOf('OrderPaymentSucceeded'),
  },
}

/** Knows how far those have come that orders wait for. */
export interface AwaitedGroups {
  /** Asks the broker where they stand, for these orders' sake. @throws Unavailable */
  look(late: readonly LateOrder[]): Promise<void>
  of(order: LateOrder): Awaited
  forget(): void
}

export function awaitedGroups(outside: { binder: Pick<Binder, 'lag'>; database: Database }): AwaitedGroups {
  const { binder, database } = outside
  const questions = createProgress()
  const answers = createProgress()

  return {
    async look(late) {
      const at = late[0]?.now
      if (at === undefined) return
      // Ordering's outbox holds the questions, and what the grace-period task confirmed.
      const { oldestSeconds } = await backlogOf(database, 1)
      const sentUntil = at - oldestSeconds * 1_000
      for (const status of new Set(late.map((order) => order.status))) {
        const { group, question, answer } = EXCHANGES[status]
        questions.see({ group, at, sentUntil, lags: await binder.lag(group, [question]) })
        if (answer) answers.see({ group: 'ordering', at, sentUntil: at, lags: await binder.lag('ordering', [answer]) })
      }
    },

    of(order) {
      const { group, question, answer } = EXCHANGES[order.status]
      const partition = partitionOf(order.orderId, PARTITIONS)
      const asked = order.lastRedriveAt !== null && order.status !== 'Submitted' ? order.lastRedriveAt : order.since
      const readSince = questions.readSince(group, { topic: question, partition }, asked)
      const isHeard =
        readSince !== undefined &&
        (answer === undefined || answers.readSince('ordering', { topic: answer, partition }, readSince) !== undefined)
      return { readSince, isHeard }
    },

    forget() {
      questions.forget()
      answers.forget()
    },
  }
}
