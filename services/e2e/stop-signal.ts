/** A second Ctrl-C within this time is the same one: a launcher passes on what the terminal has sent to everybody already. */
const SAME_PRESS_MS = 1_000

/**
 * Aborts at the first Ctrl-C, so that work can end in order; at a later one the process ends at once with 130. Disposing it gives
 * Ctrl-C its usual meaning back.
 */
export function stopSignal(onStop: () => void = () => {}): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController()
  let firstAt = 0
  const stop = () => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAt > SAME_PRESS_MS) process.exit(130)
      return
    }
    firstAt = performance.now()
    controller.abort()
    onStop()
  }
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const name of signals) process.on(name, stop)
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of signals) process.off(name, stop)
    },
  }
}
