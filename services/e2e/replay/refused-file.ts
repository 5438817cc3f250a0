import { writeFile } from 'node:fs/promises'
import { messageOf, UsageError } from '#pipelines/kernel/errors.ts'
import { type History, REFUSALS } from './rows.ts'

/** Writes every refused row's line number and reason, in the file's order. @throws UsageError `REFUSED_FILE` */
export async function writeRefused(path: string, { refused }: History): Promise<void> {
  const rows = [...refused].flatMap(([reason, lines]) => lines.map((line) => ({ line, reason })))
  const text = rows
    .toSorted((a, b) => a.line - b.line)
    .map(({ line, reason }) => `${line},${reason},"${REFUSALS[reason]}"\n`)
    .join('')
  await writeFile(path, `line,reason,explained\n${text}`).catch((error: unknown) => {
    throw new UsageError('REFUSED_FILE', `cannot write ${path}: ${messageOf(error)}`)
  })
}
