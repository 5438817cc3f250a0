import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Endpoints } from '#services/e2e/rest/endpoints.ts'
import type { Addresses } from '../oracle/addresses.ts'
import { type Judged, openJudge } from '../oracle/judge.ts'
import { type Fare, type Played, playCustomers } from './customers.ts'
import { commit, type Done } from './faults.ts'
import { createIce } from './ice.ts'
import type { Fault } from './plan.ts'
import { victimsOf } from './processes.ts'

export interface ChaosOptions {
  readonly home: string
  readonly endpoints: Endpoints
  readonly addresses: Addresses
  readonly plan: readonly Fault[]
  readonly ratePerSecond: number
  readonly durationMs: number
  readonly seed: number
  /** Names this run's customers. */
  readonly run: string
  /** How long everything may take to come to its end after the last fault, in milliseconds. */
  readonly settleMs: number
  /** Ends faults and arrivals early; what was done is judged all the same. */
  readonly signal: AbortSignal
  readonly watch: Watch
}

/** Told what happens, for whoever shows it. */
export interface Watch {
  began(fault: Fault): void
  done(done: Done): void
  fare(fare: Fare): void
  judging(open: number, why: string): void
}

export interface ChaosResult extends Judged {
  readonly faults: readonly Done[]
  readonly played: Played
}

/** Plays customers and commits the planned faults meanwhile; then the oracle judges, once nothing is wrong or `settleMs` are over. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { watch, durationMs } = options
  const open = Promise.withResolvers<void>()
  const playing = playCustomers(options.endpoints, { ...options, onFare: watch.fare, onOpen: open.resolve })
  const [played, faults] = await Promise.all([
    playing,
    Promise.race([open.promise, playing]).then(() => commitAll(options, performance.now() + durationMs)),
  ])
  const judge = openJudge(options.addresses)
  try {
    const judged = await judge.judge(played.clients, { limitMs: options.settleMs, onWait: watch.judging })
    return { ...judged, faults, played }
  } finally {
    await judge.close()
  }
}

async function commitAll(
  { plan, home, addresses, signal, watch }: ChaosOptions,
  until: number,
): Promise<readonly Done[]> {
  using ice = createIce()
  const hands = { victims: victimsOf(home), ice, databaseUrl: addresses.database, signal }
  const beganAt = performance.now()
  const under: Promise<Done>[] = []
  for (const fault of plan) {
    await pause(beganAt + fault.atMs - performance.now(), signal)
    if (signal.aborted || performance.now() > until) break
    watch.began(fault)
    under.push(
      commit(fault, hands).then((done) => {
        watch.done(done)
        return done
      }),
    )
  }
  return await Promise.all(under)
}
