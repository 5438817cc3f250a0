/** Words that have a colour of their own, wherever they stand: good, bad and waiting look the same in every chart. */
const FIXED: Readonly<Record<string, string>> = {
  'Paid or shipped': '--good',
  Paid: '--good',
  Shipped: '--c6',
  Succeeded: '--good',
  SUCCEEDED: '--good',
  'In progress': '--wait',
  Submitted: '--c1',
  'Stock reserved': '--c4',
  Cancelled: '--bad',
  Failed: '--bad',
  FAILED: '--bad',
  LOST: '--bad',
  Refunded: '--c4',
  RESERVED: '--wait',
  RELEASED: '--c4',
  SOLD: '--good',
  RECEIVED: '--c1',
  p50: '--c1',
  p95: '--c2',
  p99: '--c4',
}

const CYCLE = ['--c1', '--c2', '--c3', '--c4', '--c5', '--c6', '--c7', '--c8']

/** The CSS variable of each series, in their order. */
export function colorNames(names: readonly string[]): string[] {
  const taken = new Set(names.flatMap((name) => FIXED[name] ?? []))
  const free = CYCLE.filter((name) => !taken.has(name))
  let next = 0
  return names.map((name) => FIXED[name] ?? free[next++ % free.length] ?? '--c1')
}

/** The colour that a CSS variable has now. */
export function colorOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}
