import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CheckName } from './checks.ts'

export interface PlantedBug {
  /** Of its patch. */
  readonly name: string
  readonly patch: string
  /** In words. */
  readonly is: string
  /** The checks that may catch it, quickest first. */
  readonly checks: readonly CheckName[]
}

const BUGS: Readonly<Record<string, readonly [string, ...CheckName[]]>> = {
  'skip-the-inbox': ['an event that was handled is handled again', 'simulation', 'shop'],
  'mark-before-ack': ['the relay marks rows before the broker has them', 'shop'],
  'cursor-by-id': ['the relay reads rows beyond the last id', 'simulation', 'shop'],
  'no-stock-guard': ['a reservation does not ask how much there is', 'model', 'simulation'],
  'offset-first': ['positions are committed before the work is', 'shop'],
  'charge-inside-the-transaction': ["the bank is asked while the handler's transaction is open", 'simulation'],
  'release-twice': ['what was given back is given back again', 'model', 'simulation'],
  'drop-on-decode-error': ['what cannot be read is passed over', 'shop'],
  'clear-the-newer-basket': ['OrderStarted clears whatever basket the customer has', 'simulation', 'shop'],
  'refund-on-repeat': ['a repeated cancellation refunds again', 'model', 'simulation'],
  'cancel-after-payment': ['a paid order can be cancelled', 'model', 'simulation'],
  'position-before-insert': ['ClickHouse gets the rows that are the position before the rest', 'shop'],
  'overwrite-by-a-late-event': ['an event that comes late writes over a newer one', 'shop'],
  'publish-after-the-commit': ['events are published after the commit of their state', 'shop'],
}

const PATCHES = join(import.meta.dirname, 'patches')

/** Every patch in the folder, with what it is. */
export const plantedBugs: readonly PlantedBug[] = readdirSync(PATCHES)
  .filter((file) => file.endsWith('.patch'))
  .map((file): PlantedBug => {
    const name = file.replace(/\.patch$/, '')
    const [is = '', ...checks] = BUGS[name] ?? []
    return { name, patch: join(PATCHES, file), is, checks: checks as CheckName[] }
  })
