/** Resolves at the first SIGINT, SIGTERM or SIGHUP, or when the launcher that started us is gone; further signals change nothing. */
export function untilStopped(onStop: () => void): Promise<void> {
  return new Promise((resolve) => {
    let stopping = false
    const stop = () => {
      if (stopping) return
      stopping = true
      onStop()
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
    process.on('disconnect', stop)
  })
}
