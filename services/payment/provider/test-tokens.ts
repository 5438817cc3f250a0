import type { PaymentFailReason } from '#schemas/generated/events.ts'

/** How the simulated provider treats a charge. */
export interface Behaviour {
  /** The call that captures; calls before it fail and say nothing. Absent: it refuses. */
  readonly capturesAtCall?: number
  readonly refuses?: PaymentFailReason
  /** Milliseconds before anything happens. */
  readonly takesMs?: number
  /** This call captures, but the caller never hears of it. */
  readonly silentAtCall?: number
}

const BEHAVIOURS: ReadonlyMap<string, Behaviour> = new Map([
  ['tok_visa', { capturesAtCall: 1 }],
  ['tok_declined', { refuses: 'DECLINED' }],
  ['tok_slow', { capturesAtCall: 1, takesMs: 5_000 }],
  ['tok_error', { capturesAtCall: 3 }],
  ['tok_once', { capturesAtCall: 1, silentAtCall: 1 }],
])

/** What a test token stands for. Test tokens may be used again and again; one that is unknown is declined. */
export function behaviourOf(paymentToken: string): Behaviour {
  return BEHAVIOURS.get(paymentToken) ?? { refuses: 'DECLINED' }
}
