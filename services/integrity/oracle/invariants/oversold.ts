import type { Evidence, Found, Invariant } from '../evidence.ts'
import { grouped } from '../grouped.ts'

/** No unit was sold that was not there, at no moment. */
export const oversold: Invariant = {
  name: 'oversold',
  promise: 'stock was never below zero, and the ledger explains every number of it',
  find: wrongCounts,
  findAtOnce: wrongCounts,
}

function wrongCounts({ catalog }: Evidence): Found[] {
  const ledgers = grouped(catalog.movements, ({ productId }) => productId)
  return catalog.stock.flatMap(({ productId, available, reserved, sold, stockVersion }) => {
    const ledger = ledgers.get(productId) ?? []
    const says: { says: string; orderId?: string }[] = []
    let at = { available: 0, reserved: 0, sold: 0, version: 0 }
    for (const { reason, delta, orderId, ...row } of ledger) {
      const units = Math.abs(delta)
      const moved = {
        available: at.available + (reason === 'SOLD' ? 0 : delta),
        reserved:
          at.reserved + (reason === 'RESERVED' ? units : reason === 'RELEASED' || reason === 'SOLD' ? -units : 0),
        sold: at.sold + (reason === 'SOLD' ? units : 0),
        version: at.version + 1,
      }
      const same =
        moved.available === row.available &&
        moved.reserved === row.reserved &&
        moved.sold === row.sold &&
        moved.version === row.stockVersion
      const found = {
        says: `${productId} at movement ${row.stockVersion} (${reason} ${delta}): ${row.available} available, ${row.reserved} reserved, ${row.sold} sold${same ? '' : `, where the ledger adds up to ${moved.available}, ${moved.reserved}, ${moved.sold}`}`,
        ...(orderId !== null && { orderId }),
      }
      if (!same || Math.min(row.available, row.reserved, row.sold) < 0) says.push(found)
      at = { available: row.available, reserved: row.reserved, sold: row.sold, version: row.stockVersion }
    }
    if (at.available !== available || at.reserved !== reserved || at.sold !== sold || at.version !== stockVersion)
      says.push({
        says: `${productId} has ${available} available, ${reserved} reserved, ${sold} sold; its ledger ends elsewhere`,
      })
    if (Math.min(available, reserved, sold) < 0) says.push({ says: `${productId} has a count below zero` })
    return says
  })
}
