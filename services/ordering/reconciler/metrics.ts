import { Counter, Gauge, type Registry } from 'prom-client'
import type { OpenStatus, Why } from './decide.ts'

export interface ReconcilerMetrics {
  /** All that are stuck now. */
  stuck(orders: readonly { readonly status: OpenStatus; readonly why: Why }[]): void
  redriven(status: OpenStatus, by: 'reconciler' | 'operator'): void
  timedOut(status: OpenStatus): void
}

export function reconcilerMetrics(registry: Registry): ReconcilerMetrics {
  const registers = [registry]
  const stuck = new Gauge({
    name: 'ordering_stuck_orders',
    help: 'Orders in one status for longer than STUCK_AFTER_MS, by why; at most 1000 of a status are counted',
    labelNames: ['status', 'why'],
    registers,
  })
  const redriven = new Counter({
    name: 'ordering_redrives_total',
    help: 'Times the others were asked again about an order, by its status and who did it',
    labelNames: ['status', 'by'],
    registers,
  })
  const timeouts = new Counter({
    name: 'ordering_timeouts_total',
    help: 'Orders cancelled as nobody answered, by the status they waited in',
    labelNames: ['status'],
    registers,
  })
  return {
    stuck(orders) {
      stuck.reset()
      for (const labels of orders) stuck.inc(labels)
    },
    redriven: (status, by) => redriven.inc({ status, by }),
    timedOut: (status) => timeouts.inc({ status }),
  }
}
