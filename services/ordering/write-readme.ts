import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withTable } from './domain/render-table.ts'

/** Writes the table of domain/table.ts into the README; with `--check` only says whether it stands there. */
const path = join(import.meta.dirname, 'README.md')
const now = await readFile(path, 'utf8')
const wanted = withTable(now)
if (now === wanted) process.stdout.write('services/ordering/README.md is fresh\n')
else if (process.argv.includes('--check')) {
  process.stderr.write('services/ordering/README.md is stale: run `node services/ordering/write-readme.ts`\n')
  process.exitCode = 1
} else await writeFile(path, wanted)
