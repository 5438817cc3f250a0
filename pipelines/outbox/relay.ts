import type { Registry } from 'prom-client'
import type { Database } from '#pipelines/kernel/database.ts'
import { CodedError, messageOf } from '#pipelines/kernel/errors.ts'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import { backoffMs } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { noRelayMetrics, relayMetrics } from './metrics.ts'
import { openRelayConnection, type RelayConnection } from './relay-connection.ts'
import { createSending } from './sending.ts'
import { type SlotLocks, slotLocks } from './slot-locks.ts'
import type { Relay, Send } from './types.ts'
import { markSent, pruneSent, readUnsent } from './unsent.ts'
import { createWake } from './wake.ts'

export interface RelayOptions {
  readonly database: Database
  readonly send: Send
  readonly log: Log
  readonly metrics?: Registry
  /** How long to wait for a kick before looking anyway. Default 250 ms. */
  readonly idlePollMs?: number
  /** After a pass that found little, how long to gather before the next: fewer, larger sends. Default 10 ms. */
  readonly lingerMs?: number
  /** Events read at once from each slot. Default 128. */
  readonly rowsPerSlot?: number
  /** How often to look for relays that came or went. A dead one's slots are taken over within this time. Default 1 s. */
  readonly balanceEveryMs?: number
  /** How long sent events stay in the table. Default 15 minutes. */
  readonly keepSentMs?: number
  /** How often to look for sent events that were kept long enough. Default 20 s. */
  readonly pruneEveryMs?: number
}

/** While there is more to prune it may take a fifth of the time: whoever sends is waiting. */
const PRUNE_REST = 4

/** How long a shutdown goes on sending what is committed. */
const FAREWELL_MS = 2_000

/**
 * Sends committed outbox rows to the broker: each at least once, those of a key in the order of their commits. Any number of relays
 * may run on one table; they share its slots. It waits out an absent broker or database and never ends by itself; `close` first sends
 * what is committed, if the broker takes it at once.
 */
export function createRelay(options: RelayOptions): Relay {
  const { database, log, idlePollMs = 250, lingerMs = 10, rowsPerSlot = 128 } = options
  const { balanceEveryMs = 1_000, keepSentMs = 15 * 60_000, pruneEveryMs = 20_000 } = options
  const metrics = options.metrics ? relayMetrics(options.metrics, database) : noRelayMetrics
  const wake = createWake()
  const now = () => performance.now()
  const sending = createSending({
    send: options.send,
    now,
    onFailure(error, slots) {
      metrics.failed()
      block(error, { slots })
    },
  })
  let stopping = false
  let running: Promise<void> | undefined
  let held: readonly number[] = []
  let blockedBy: string | undefined
  let nextPruneAt = now() + pruneEveryMs
  let prunedUpTo: number | undefined
  let sendUntil = Number.POSITIVE_INFINITY

  /** Logs when it begins, and again only when the reason changes. */
  function block(error: unknown, facts: object) {
    const code = error instanceof CodedError ? error.code : messageOf(error)
    if (blockedBy !== code) log.warn({ err: error, ...facts }, 'the relay has to wait')
    blockedBy = code
  }

  async function run() {
    for (let failures = 0; !stopping; ) {
      let connection: RelayConnection | undefined
      try {
        connection = await openRelayConnection(database)
        const locks = await slotLocks(connection)
        failures = 0
        await relayOn(connection, locks)
      } catch (error) {
        if (stopping) break
        failures += 1
        block(error, {})
        await wake.sleep(backoffMs(failures, { baseMs: 100, capMs: 5_000 }))
      } finally {
        held = []
        connection?.end()
      }
    }
  }

  /** Passes over the held slots, until it is stopped or the connection is lost (which throws). */
  async function relayOn(connection: RelayConnection, locks: SlotLocks) {
    let balancedAt = Number.NEGATIVE_INFINITY
    while (!stopping) {
      if (now() - balancedAt >= balanceEveryMs) {
        await locks.balance()
        held = locks.held()
        balancedAt = now()
      }
      const found = await pass(connection)
      await pruneNowAndThen() // also when there is always more to send: else the table would grow with the load
      if (found >= rowsPerSlot) continue // a slot may hold more
      await rest(found)
    }
    while (now() < sendUntil && blockedBy === undefined && (await pass(connection)) > 0);
  }

  /** 1. Read. 2. Send: a crash from here on sends again. 3. Mark, only what the broker has acknowledged. Returns how many were sent. */
  async function pass(connection: RelayConnection): Promise<number> {
    const slots = sending.open(held)
    if (slots.length === 0) return 0
    if (failpoints) await failpoints.at('relay.read.before')
    const rows = await readUnsent(connection, slots, rowsPerSlot)
    if (rows.length === 0) return 0
    if (failpoints) await failpoints.at('relay.read.after')
    const sent = await sending.sendAll(rows, () => !connection.lost && now() < sendUntil)
    if (sent.length === 0) return 0
    if (blockedBy !== undefined && sending.nextTryInMs() === undefined) {
      log.info('the relay goes on')
      blockedBy = undefined
    }
    metrics.sent(sent.length)
    if (failpoints) await failpoints.at('relay.mark.before')
    await markSent(connection, sent)
    if (failpoints) await failpoints.at('relay.mark.after')
    return sent.length
  }

  async function rest(found: number) {
    if (stopping) return
    if (found > 0) await new Promise((resolve) => setTimeout(resolve, lingerMs))
    await wake.sleep(Math.min(idlePollMs, sending.nextTryInMs() ?? idlePollMs))
  }

  async function pruneNowAndThen() {
    if (now() < nextPruneAt) return
    const began = now()
    prunedUpTo = await pruneSent(database, keepSentMs, { after: prunedUpTo ?? 0 }).catch((error) => {
      log.warn({ err: error }, 'sent events could not be pruned')
      return undefined
    })
    nextPruneAt = now() + (prunedUpTo === undefined ? pruneEveryMs : PRUNE_REST * (now() - began))
  }

  return {
    start() {
      running ??= run()
    },
    kick: wake.kick,
    status: () => ({ slots: held, blockedBy }),
    async close() {
      sendUntil = now() + FAREWELL_MS
      stopping = true
      wake.kick()
      await running
    },
  }
}
