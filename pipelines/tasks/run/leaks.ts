import type { Database } from '#pipelines/kernel/database.ts'
import { addNote } from '../executions/store.ts'

const WAIT_MS = 1_000
/** What every process has open. */
const USUAL = new Set(['TTYWrap', 'PipeWrap', 'FSReqCallback', 'CloseReq'])

/**
 * Sets the exit code of a process whose run is over, and sees to it that it ends: what keeps it alive after a second is named, noted
 * with the execution, and ended with it. Costs nothing when nothing was left open.
 */
export function endProcess(exitCode: number, executionId: string | undefined, openDatabase: () => Database): void {
  process.exitCode = exitCode
  const timer = setTimeout(() => void endAnyway(exitCode, executionId, openDatabase), WAIT_MS)
  timer.unref() // it comes only if something else keeps the process alive
}

async function endAnyway(exitCode: number, executionId: string | undefined, open: () => Database): Promise<void> {
  const note = `ended by force: it was kept alive by ${openHandles()}`
  setTimeout(() => process.exit(exitCode), 5_000) // whatever becomes of the note
  process.stderr.write(`${note}\n`)
  if (executionId !== undefined) {
    const database = open()
    await addNote(database, executionId, note).catch(() => {})
    await database.close().catch(() => {})
  }
  process.exit(exitCode)
}

/** What is open, by kind, and for sockets where to: `Timeout (1), TCPSocketWrap (2: 127.0.0.1:5432)`. */
export function openHandles(): string {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo())
    if (!USUAL.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const places = new Set(
    handles().flatMap(({ remoteAddress, remotePort }) => (remoteAddress ? [`${remoteAddress}:${remotePort}`] : [])),
  )
  const named = [...counts].map(([kind, count]) => {
    const where = kind === 'TCPSocketWrap' && places.size > 0 ? `: ${[...places].join(', ')}` : ''
    return `${kind} (${count}${where})`
  })
  return named.length > 0 ? named.join(', ') : 'something that has no name'
}

interface Handle {
  readonly remoteAddress?: string
  readonly remotePort?: number
}

function handles(): readonly Handle[] {
  const undocumented = process as unknown as { _getActiveHandles?: () => Handle[] }
  return undocumented._getActiveHandles?.() ?? []
}
