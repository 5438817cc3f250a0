import { messageOf } from '#pipelines/kernel/errors.ts'

/**
 * Resolves with the exit code at the first SIGINT, SIGTERM or SIGHUP, when the launcher that started us is gone, or when something
 * was thrown that nobody caught: in all cases there are processes to be stopped first. Further signals change nothing.
 */
export function untilStopped(onStop: () => void): Promise<number> {
  // A reader of our output that went away (`npm start | head`) is no reason to end without stopping what we started.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  return new Promise((resolve) => {
    let stopping = false
    const stop = (code: number) => {
      if (stopping) return
      stopping = true
      onStop()
      resolve(code)
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0))
    process.on('disconnect', () => stop(0))
    for (const event of ['uncaughtException', 'unhandledRejection'])
      process.on(event, (error) => {
        console.error(`eshop: ${error instanceof Error ? error.stack : messageOf(error)}`)
        stop(1)
      })
  })
}
