import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf } from '#pipelines/kernel/errors.ts'
import type { Fault, Panel, PanelSet } from './panel.ts'
import { checkTogether, readPanel } from './validate.ts'

/** The panels that come with the shop. */
export const OWN_PANELS: string = fileURLToPath(new URL('../dashboards/', import.meta.url))

/**
 * Reads all panels of the folders; of two files with one name the one of the later folder counts. A bad file takes nothing else with it: its faults are told,
 * the others are there.
 */
export async function readPanels(folders: readonly string[]): Promise<PanelSet> {
  const texts = new Map<string, string>()
  const faults: Fault[] = []
  for (const folder of folders) {
    try {
      for (const file of (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort())
        texts.set(file, await readFile(join(folder, file), 'utf8'))
    } catch (error) {
      faults.push({ file: folder, line: 1, message: `cannot be read: ${messageOf(error)}` })
    }
  }
  const panels: Panel[] = []
  for (const [file, text] of texts) {
    const result = readPanel(file, text)
    if ('panel' in result) panels.push(result.panel)
    else faults.push(...result.faults)
  }
  const together = checkTogether(panels)
  const bad = new Set(together.map(({ file }) => file))
  const good = panels
    .filter(({ id }) => !bad.has(`${id}.sql`))
    .sort((a, b) => a.order - b.order || a.id.localeCompare(b.id))
  return { panels: good, faults: [...faults, ...together] }
}

/** The panels as the files are now. They are read again when somebody opens the page, at most once a second. */
export interface PanelShelf {
  current(): Promise<PanelSet>
}

export function panelShelf(folders: readonly string[], now: () => number): PanelShelf {
  let last: { readonly at: number; readonly set: Promise<PanelSet> } | undefined
  return {
    current() {
      if (!last || now() - last.at >= 1_000) last = { at: now(), set: readPanels(folders) }
      return last.set
    },
  }
}
