import type { Closable } from '#pipelines/kernel/lifecycle.ts'

/** Tells Kafka now and then how far the group is. For lag tools only: where to go on stands in ClickHouse. */
export interface Telling extends Closable {
  /** The positions have moved. They are told within `everyMs`, and again until the broker has taken them: also the last ones before a rest. */
  moved(): void
}

export function createTelling({
  tell,
  everyMs,
  onFailure,
}: {
  readonly tell: () => Promise<void>
  readonly everyMs: number
  readonly onFailure: (error: unknown) => void
}): Telling {
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function moved() {
    if (closed) return
    timer ??= setTimeout(async () => {
      timer = undefined
      try {
        await tell()
      } catch (error) {
        onFailure(error)
        moved()
      }
    }, everyMs)
  }
  return {
    moved,
    async close() {
      closed = true
      clearTimeout(timer)
    },
  }
}
