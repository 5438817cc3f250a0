import type { Database, Sql } from '#pipelines/kernel/database.ts'
import { CodedError, Unavailable } from '#pipelines/kernel/errors.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { ChargeAnswer, ChargeRequest, PaymentProvider, RefundAnswer } from './provider.ts'
import { type Behaviour, behaviourOf } from './test-tokens.ts'

interface ChargeRow {
  readonly amount_minor: number
  readonly currency: string
  readonly calls: number
  readonly captured_at: Date | null
  readonly refused: 'DECLINED' | null
}

/**
 * A provider for trying out and for tests. It remembers keys in `memory` (connections of its own), so a charge that it made before
 * this process was killed is answered, not made again. The payment token is read and never kept. `close` closes the memory.
 */
export function simulatedProvider(
  memory: Database,
  { silenceMs = 2_000 }: { silenceMs?: number } = {},
): PaymentProvider {
  return {
    name: 'simulated',
    close: () => memory.close(),

    async charge(request, signal): Promise<ChargeAnswer> {
      const behaviour = behaviourOf(request.paymentToken)
      if (behaviour.takesMs) await takeTime(behaviour.takesMs, signal)
      const charge = await remember(memory, request, behaviour)
      if (charge.amount_minor !== request.amountMinor || charge.currency !== request.currency)
        throw keyReused(request.key)
      if (charge.refused) return { outcome: 'refused', reason: charge.refused }
      if (!charge.captured_at) throw new Unavailable('PROVIDER_ERROR', 'the provider failed')
      if (charge.calls === behaviour.silentAtCall) {
        await takeTime(silenceMs, signal)
        throw new Unavailable('PROVIDER_TIMEOUT', 'the provider did not answer in time')
      }
      return { outcome: 'captured', cardBrand: 'visa', capturedAt: charge.captured_at.getTime() }
    },

    async refund(request): Promise<RefundAnswer> {
      const refunds = await memory.query<{ amount_minor: number; refunded_at: Date }>(
        `insert into provider.refunds (key, charge_key, amount_minor, currency, refunded_at)
         select $1, key, $3, $4, now() from provider.charges where key = $2 and captured_at is not null and amount_minor >= $3
         on conflict (key) do update set key = excluded.key
         returning amount_minor, refunded_at`,
        [request.key, request.chargeKey, request.amountMinor, request.currency],
      )
      const [refund] = refunds
      if (!refund) throw new CodedError('PROVIDER_NOTHING_TO_REFUND', 'there is no such captured charge')
      if (refund.amount_minor !== request.amountMinor) throw keyReused(request.key)
      return { refundedAt: refund.refunded_at.getTime() }
    },
  }
}

/** Counts the call and captures if this is the one, in one statement: two calls at once make one charge. */
async function remember(memory: Sql, request: ChargeRequest, behaviour: Behaviour): Promise<ChargeRow> {
  const [row] = await memory.query<ChargeRow>(
    `insert into provider.charges as c (key, amount_minor, currency, calls, captured_at, refused)
     values ($1, $2, $3, 1, case when $4 <= 1 then now() end, $5)
     on conflict (key) do update set calls = c.calls + 1,
       captured_at = coalesce(c.captured_at, case when c.calls + 1 >= $4 then now() end)
     returning amount_minor, currency, calls, captured_at, refused`,
    [request.key, request.amountMinor, request.currency, behaviour.capturesAtCall ?? null, behaviour.refuses ?? null],
  )
  return row as ChargeRow
}

async function takeTime(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, signal)
  if (signal.aborted) throw new Unavailable('PROVIDER_TIMEOUT', 'the provider did not answer in time')
}

function keyReused(key: string): CodedError {
  return new CodedError('PROVIDER_KEY_REUSED', 'this key stands for another amount', { facts: { key } })
}
