/** An outbox row as the relay reads it. */
export interface OutboxRow {
  readonly id: number
  readonly slot: number
  readonly topic: string
  readonly key: string
}

/**
 * Cuts rows (ascending by id within each slot) into waves. A wave goes out in one request, in which topics are not ordered against
 * each other; so the next event of a key that is in another topic waits for the wave before.
 */
export function wavesOf<R extends OutboxRow>(rows: readonly R[]): readonly R[][] {
  const waves: R[][] = []
  const lastOfKey = new Map<string, { readonly topic: string; readonly wave: number }>()
  for (const row of rows) {
    const last = lastOfKey.get(row.key)
    const wave = last === undefined ? 0 : last.topic === row.topic ? last.wave : last.wave + 1
    lastOfKey.set(row.key, { topic: row.topic, wave })
    const rowsOfWave = waves[wave]
    if (rowsOfWave) rowsOfWave.push(row)
    else waves[wave] = [row]
  }
  return waves
}
