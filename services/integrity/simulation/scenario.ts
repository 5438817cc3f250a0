import type { Chance } from '#pipelines/kernel/chance.ts'

/**
 * Vocabulary. A *scenario* is what a seed draws: orders, how much is on the shelf, and *spices*, what need not happen but may. The
 * *scheduler*, a seed of its own, draws who takes the next step. Both together decide a run.
 */
export interface Scenario {
  readonly seed: number
  readonly orders: readonly PlannedOrder[]
  /** Units of each product at the start. */
  readonly shelf: readonly number[]
  readonly spices: readonly Spice[]
}

export interface PlannedOrder {
  readonly number: number
  readonly lines: readonly { readonly product: number; readonly quantity: number }[]
  readonly paymentToken: string
}

export type Spice = {
  /** Before which step it happens. */
  readonly at: number
} & (
  | { readonly kind: 'cancel' | 'ship' | 'redrive'; readonly order: number }
  /** A group dies after its work and before its positions: all since the last commit is delivered again. */
  | { readonly kind: 'crash'; readonly part: PartName }
  /** Also the inbox is gone. */
  | { readonly kind: 'amnesia'; readonly part: PartName }
  /** The next handler of the part does all its work and fails before the commit. */
  | { readonly kind: 'rollback'; readonly part: PartName }
  /** The relay of the part dies between the broker's answer and its mark. */
  | { readonly kind: 'unmarked'; readonly part: PartName }
  /** The broker takes the records, and the answer is lost. */
  | { readonly kind: 'unanswered'; readonly part: PartName }
  /** The charger dies, or gives up, after the bank has done its part. */
  | { readonly kind: 'silent-bank' }
  /** Nobody ever handles the next record of the part: put aside and discarded. */
  | { readonly kind: 'loss'; readonly part: PartName }
  /** Basket, catalog and payment ask or tell again, although nothing may be wrong. */
  | { readonly kind: 'reminders' }
)

export const PARTS = ['basket', 'catalog', 'ordering', 'payment'] as const
export type PartName = (typeof PARTS)[number]

const TOKENS = [
  ['tok_visa', 70],
  ['tok_declined', 12],
  ['tok_error', 9],
  ['tok_once', 9],
] as const

/** About how many steps an order takes. */
const STEPS_PER_ORDER = 26

export function drawScenario(seed: number, chance: Chance): Scenario {
  const count = chance.weighted([
    [1, 55],
    [2, 30],
    [3, 15],
  ] as const)
  const products = chance.between(1, 2)
  const orders = Array.from({ length: count }, (_, number): PlannedOrder => {
    const lines = Array.from({ length: products }, (_, product) => ({ product, quantity: chance.between(1, 3) }))
    return { number, lines: lines.slice(0, chance.between(1, products)), paymentToken: chance.weighted(TOKENS) }
  })
  const shelf = Array.from({ length: products }, () =>
    chance.weighted([
      [9, 60],
      [4, 25],
      [2, 15],
    ] as const),
  )
  const steps = count * STEPS_PER_ORDER
  const spices = Array.from({ length: chance.between(0, 2 + 2 * count) }, () =>
    drawSpice(count, chance.between(0, steps), chance),
  )
  return { seed, orders, shelf, spices: spices.sort((a, b) => a.at - b.at) }
}

function drawSpice(orders: number, at: number, chance: Chance): Spice {
  const kind = chance.weighted([
    ['cancel', 25],
    ['ship', 10],
    ['redrive', 8],
    ['crash', 15],
    ['amnesia', 8],
    ['rollback', 8],
    ['unmarked', 7],
    ['unanswered', 5],
    ['silent-bank', 5],
    ['loss', 5],
    ['reminders', 4],
  ] as const)
  switch (kind) {
    case 'cancel':
    case 'ship':
    case 'redrive':
      return { at, kind, order: chance.between(0, orders - 1) }
    case 'silent-bank':
    case 'reminders':
      return { at, kind }
    default:
      return { at, kind, part: chance.pick(PARTS) }
  }
}
