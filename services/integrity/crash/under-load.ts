import { CodedError } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import type { Endpoints } from '#services/e2e/rest/endpoints.ts'
import { playCustomers } from '../chaos/customers.ts'
import type { Addresses } from '../oracle/addresses.ts'
import { type Judged, openJudge } from '../oracle/judge.ts'

export interface Load {
  readonly endpoints: Endpoints
  readonly addresses: Addresses
  readonly ratePerSecond: number
  readonly seed: number
  /** How long everything may take to come to its end after the attack, in milliseconds. */
  readonly settleMs: number
}

/** No attack lasts longer. */
const MOST_MS = 60 * 60_000

/** Plays customers for as long as the attack lasts, then has the oracle judge. */
export async function underLoad<T>(load: Load, attack: () => Promise<T>): Promise<Judged & { readonly attacked: T }> {
  const over = new AbortController()
  const open = Promise.withResolvers<void>()
  const played = playCustomers(load.endpoints, {
    ratePerSecond: load.ratePerSecond,
    durationMs: MOST_MS,
    seed: load.seed,
    run: newId().slice(-12),
    signal: over.signal,
    onFare: () => {},
    onOpen: open.resolve,
  })
  await Promise.race([open.promise, played])
  const attacked = await Promise.race([
    attack(),
    played.then(() =>
      Promise.reject(new CodedError('CUSTOMERS_LEFT', 'the customers left before the attack was over')),
    ),
  ]).finally(() => over.abort())
  const { clients } = await played
  const judge = openJudge(load.addresses)
  try {
    return { ...(await judge.judge(clients, { limitMs: load.settleMs })), attacked }
  } finally {
    await judge.close()
  }
}
