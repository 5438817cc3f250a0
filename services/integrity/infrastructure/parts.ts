import { expect } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { RecordedPart } from '#pipelines/local/supervisor/run-file.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import type { LocalShop } from '#services/e2e/harness/local-shop.ts'

export function partNamed(shop: LocalShop, name: string): RecordedPart | undefined {
  return shop.parts().find((part) => part.name === name)
}

function pidOf(shop: LocalShop, name: string): number {
  const pid = partNamed(shop, name)?.pid ?? 0
  expect(pid, name).toBeGreaterThan(0)
  return pid
}

/** Stops a part, as behind a cut cable: what it holds open stays open. It goes on at the end of the scope. */
export function thawedAfter(shop: LocalShop, name: string): AsyncDisposable {
  const pid = pidOf(shop, name)
  process.kill(pid, 'SIGSTOP')
  return {
    async [Symbol.asyncDispose]() {
      process.kill(pid, 'SIGCONT')
    },
  }
}

/** A part that answers nothing for so long. */
export async function frozen(shop: LocalShop, name: string, ms: number): Promise<void> {
  await using _thaw = thawedAfter(shop, name)
  await pause(ms)
}

/** A part that is told to end, and comes back as the supervisor starts it again. */
export async function restarted(shop: LocalShop, name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const before = pidOf(shop, name)
  process.kill(before, signal)
  await eventually(() => ![before, undefined].includes(partNamed(shop, name)?.pid), {
    withinMs: 120_000,
    what: `${name} is started again`,
  })
}
