import { pause } from '#pipelines/kernel/lifecycle.ts'
import { each } from './each.ts'
import type { Shop } from './rest/shop.ts'
import { FINAL, type OrderView } from './rest/views.ts'

/** An accepted checkout and what the shop says of it; `order` is undefined while ordering does not know it. */
export interface Settled {
  readonly orderId: string
  readonly order: OrderView | undefined
}

export function isFinal(status: string | undefined): boolean {
  return FINAL.includes(status ?? '')
}

const AT_ONCE = 8

/** Asks for the orders until all are final or the time is over; what is not final then is returned as it stands. */
export async function settle(
  shop: Shop,
  orderIds: readonly string[],
  { limitMs, signal, onProgress }: { limitMs: number; signal: AbortSignal; onProgress?(open: number): void },
): Promise<Settled[]> {
  const settled = new Map<string, Settled>(orderIds.map((orderId) => [orderId, { orderId, order: undefined }]))
  const until = performance.now() + limitMs
  for (;;) {
    const open = [...settled.values()].filter(({ order }) => !isFinal(order?.status)).map(({ orderId }) => orderId)
    onProgress?.(open.length)
    if (open.length === 0) break
    await each(open, AT_ONCE, async (orderId) => {
      const { status, body } = await shop.order(orderId)
      if (status === 200) settled.set(orderId, { orderId, order: body })
    })
    if (performance.now() > until || signal.aborted) break
    if ([...settled.values()].some(({ order }) => !isFinal(order?.status))) await pause(500, signal)
  }
  return [...settled.values()]
}
