import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a run of the planted bugs came to. */
export interface Caught {
  readonly name: string
  readonly is: string
  /** The check that caught it; undefined if none did. */
  readonly by: string | undefined
  readonly seconds: number
  readonly said: string | undefined
}

const README = join(import.meta.dirname, '../README.md')
const BEGIN = '<!-- planted: written by a run of planted.integrity.test.ts -->'
const END = '<!-- /planted -->'

export function tableOf(caught: readonly Caught[]): string {
  const cell = (text: string) => text.replaceAll('|', '/').replaceAll('\n', ' ')
  const rows = caught.map(
    ({ name, is, by, seconds, said }) =>
      `| ${name} | ${cell(is)} | ${by ?? '**nothing**'} | ${seconds} | ${cell(said ?? '')} |`,
  )
  return ['| bug | what it is | caught by | after s | what it says |', '| --- | --- | --- | --- | --- |', ...rows].join(
    '\n',
  )
}

/** Names of the bugs in the README's table. */
export function bugsInReadme(): readonly string[] {
  const [, table = ''] = readFileSync(README, 'utf8').split(BEGIN)
  return [...(table.split(END)[0] ?? '').matchAll(/^\| ([a-z-]+) \|/gm)].flatMap(([, name = '']) =>
    name === 'bug' || /^-+$/.test(name) ? [] : [name],
  )
}

/** Puts the table of this very run into the README. */
export function writeTable(caught: readonly Caught[], heading: string): void {
  const text = readFileSync(README, 'utf8')
  const [before = ''] = text.split(BEGIN)
  const after = text.split(END)[1] ?? '\n'
  writeFileSync(README, `${before}${BEGIN}\n${heading}\n\n${tableOf(caught)}\n${END}${after}`)
}
