import { messageOf } from '#pipelines/kernel/errors.ts'
import { type Closable, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Addresses } from './addresses.ts'
import { readClickHouse } from './clickhouse.ts'
import type { ClientHistory, Evidence, Finding } from './evidence.ts'
import { findingsIn } from './invariants.ts'
import { readTables } from './tables.ts'
import { openTopics, type Topics } from './topics.ts'

export interface Judged {
  readonly evidence: Evidence
  readonly findings: readonly Finding[]
  /** Milliseconds until nothing was wrong any more; undefined if something is. */
  readonly cleanAfterMs: number | undefined
}

export interface Judge extends Closable {
  /** One look at everything. @throws whatever a store says while it is away */
  look(clients: ClientHistory): Promise<Evidence>
  /**
   * Looks until nothing is wrong, or `limitMs` are over: what is on its way may arrive. What is wrong at the last look is the verdict.
   * A store that is away at the end is a CodedError.
   */
  judge(
    clients: ClientHistory,
    options: { readonly limitMs: number; onWait?(open: number, why: string): void },
  ): Promise<Judged>
}

const AGAIN_AFTER_MS = 1_000

/** The oracle: reads the raw stores of a shop, never through the code it judges. */
export function openJudge(addresses: Addresses): Judge {
  let topics: Topics | undefined

  async function look(clients: ClientHistory): Promise<Evidence> {
    topics ??= await openTopics(addresses)
    // Tables first: what they say was published must then be in the topics, and what is in the topics soon in ClickHouse.
    const tables = await readTables(addresses)
    const [records, lag] = await Promise.all([topics.records(), topics.lag()])
    return { clients, ...tables, records, lag, clickhouse: await readClickHouse(addresses.clickhouseUrl) }
  }

  async function forget() {
    await topics?.close().catch(() => {})
    topics = undefined
  }

  return {
    look,
    async judge(clients, { limitMs, onWait }) {
      const began = performance.now()
      for (;;) {
        const isOver = performance.now() - began > limitMs
        try {
          const evidence = await look(clients)
          const findings = findingsIn(evidence)
          const tookMs = performance.now() - began
          if (findings.length === 0 || isOver)
            return { evidence, findings, cleanAfterMs: findings.length === 0 ? tookMs : undefined }
          onWait?.(findings.length, `${findings[0]?.invariant}: ${findings[0]?.says}`)
        } catch (error) {
          await forget()
          if (isOver) throw error
          onWait?.(1, messageOf(error))
        }
        await pause(AGAIN_AFTER_MS)
      }
    },
    close: forget,
  }
}
