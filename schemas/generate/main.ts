import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readEvents } from './read-events.ts'
import { renderEvents } from './render.ts'

const EVENTS = fileURLToPath(new URL('../events', import.meta.url))
const TARGET = fileURLToPath(new URL('../generated/events.ts', import.meta.url))

/** Writes `generated/events.ts`; with `check` only says whether it is fresh. */
export function generate({ check = false } = {}): { readonly fresh: boolean; readonly events: number } {
  const events = readEvents(EVENTS)
  const text = renderEvents(events)
  const fresh = text === current()
  if (!fresh && !check) writeFileSync(TARGET, text)
  return { fresh, events: events.length }
}

function current(): string | undefined {
  try {
    return readFileSync(TARGET, 'utf8')
  } catch {
    return undefined // not generated yet
  }
}

if (import.meta.main) {
  const check = process.argv.includes('--check')
  const { fresh, events } = generate({ check })
  if (check && !fresh) {
    console.error('schemas/generated/events.ts is stale: run `node schemas/generate/main.ts` and commit what it writes')
    process.exitCode = 100
  } else console.log(`schemas/generated/events.ts: ${events} events, ${fresh ? 'fresh' : 'written'}`)
}
