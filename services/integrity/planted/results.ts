import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What became of a planted bug when it was last tried. */
export interface Caught {
  readonly name: string
  readonly is: string
  /** The check that caught it; null if none did. */
  readonly by: string | null
  /** From the start of the check that caught it. */
  readonly seconds: number
  readonly said: string | null
  /** Day of the run. */
  readonly on: string
}

const FILE = join(import.meta.dirname, 'results.json')
const README = join(import.meta.dirname, '../README.md')
const BEGIN = '<!-- planted: written by `node services/integrity/planted/plant.ts` from its runs -->'
const END = '<!-- /planted -->'

export function readResults(): readonly Caught[] {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Caught[]) : []
}

/** Keeps the newest result of each bug, and writes the README's table from them. */
export function keepResult(caught: Caught): void {
  const others = readResults().filter(({ name }) => name !== caught.name)
  const all = [...others, caught].sort((a, b) => a.name.localeCompare(b.name))
  writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`)
  const text = readFileSync(README, 'utf8')
  const [before = ''] = text.split(BEGIN)
  const after = text.split(END)[1] ?? '\n'
  writeFileSync(README, `${before}${BEGIN}\n\n${tableOf(all)}\n\n${END}${after}`)
}

/** The table between the README's marks. */
export function tableInReadme(): string {
  return (readFileSync(README, 'utf8').split(BEGIN)[1] ?? '').split(END)[0]?.trim() ?? ''
}

/** A Markdown table, its columns aligned as the formatter wants them. */
export function tableOf(caught: readonly Caught[]): string {
  const cell = (text: string) => text.replaceAll('|', '/').replaceAll('\n', ' ')
  const head = ['bug', 'what it is', 'caught by', 'after s', 'what it said']
  const rows = caught.map(({ name, is, by, seconds, said }) => [
    name,
    cell(is),
    by ?? '**nothing**',
    String(seconds),
    cell(said ?? ''),
  ])
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => {
    const padded = cells.map((text, column) =>
      column === 3 ? text.padStart(widths[3] ?? 0) : text.padEnd(widths[column] ?? 0),
    )
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map((width, column) => (column === 3 ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}
