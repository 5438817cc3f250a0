import type { Chance } from '#pipelines/kernel/chance.ts'

/** What one customer is going to do, drawn before they begin, so that the seed alone decides it. */
export interface Plan {
  /** Which of the run's customers. */
  readonly customer: number
  /** Lists and product pages looked at first. */
  readonly looks: number
  /** Draws that choose products from whatever the catalog holds. */
  readonly picks: readonly { readonly draw: number; readonly quantity: number; readonly scarce: boolean }[]
  readonly changesMind: 'no' | 'quantity' | 'removes'
  readonly ends: 'checkout' | 'abandons'
  readonly paymentToken: string
  /** Cancels as soon as the order can be seen. */
  readonly cancels: boolean
}

const TOKENS = [
  ['tok_visa', 84],
  ['tok_declined', 8],
  ['tok_error', 4],
  ['tok_slow', 2],
  ['tok_once', 2],
] as const

/** The plan of the n-th customer. Every share is one draw, in a fixed order. */
export function planOf(number: number, customers: number, chance: Chance): Plan {
  const looks = chance.between(1, 3)
  const picks = Array.from({ length: chance.between(1, 4) }, () => ({
    draw: chance.next(),
    quantity: chance.between(1, 3),
    scarce: chance.next() < 0.05,
  }))
  const changesMind = chance.weighted([
    ['no', 70],
    ['quantity', 20],
    ['removes', 10],
  ] as const)
  const ends = chance.next() < 0.05 ? 'abandons' : 'checkout'
  const paymentToken = chance.weighted(TOKENS)
  return {
    customer: number % customers,
    looks,
    picks,
    changesMind,
    ends,
    paymentToken,
    cancels: chance.next() < 0.08,
  }
}
