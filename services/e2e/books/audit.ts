import { pause } from '#pipelines/kernel/lifecycle.ts'
import { analyticsAgrees } from './analytics.ts'
import type { Check, Finding, Material } from './material.ts'
import { moneyBalances } from './money.ts'
import { eachCheckoutIsOneOrder, everyOrderIsFinal } from './orders.ts'
import { ledgerExplainsStock, nothingOversold, ordersMovedTheirStock } from './stock.ts'

/** All books. Each must hold for every run, whatever was killed meanwhile. */
export const CHECKS: readonly Check[] = [
  eachCheckoutIsOneOrder,
  everyOrderIsFinal,
  moneyBalances,
  ledgerExplainsStock,
  nothingOversold,
  ordersMovedTheirStock,
  analyticsAgrees,
]

export interface Audited {
  readonly title: string
  readonly findings: readonly Finding[]
}

const AGAIN_EVERY_MS = 1_000

/**
 * Checks all books. What is on its way (a refund, rows not yet in ClickHouse) may take until `limitMs`; what differs then is a finding.
 */
export async function audit(
  gather: () => Promise<Material>,
  { limitMs, onWait }: { readonly limitMs: number; onWait?(open: number): void },
): Promise<{ readonly material: Material; readonly audited: readonly Audited[] }> {
  const until = performance.now() + limitMs
  for (;;) {
    const material = await gather()
    const audited = CHECKS.map((check) => ({ title: check.title, findings: check.find(material) }))
    const open = audited.reduce((sum, { findings }) => sum + findings.length, 0)
    if (open === 0 || performance.now() > until) return { material, audited }
    onWait?.(open)
    await pause(AGAIN_EVERY_MS)
  }
}
