/**
 * The ingest of the next version, as a process of its own: its code knows one field more of an event, and the column of it. Everything else is
 * `instance.ts`.
 */

import { eventSchemas } from '#schemas/generated/events.ts'
import { NEXT_FIELD, NEXT_TYPE, withNextField } from './next-version.ts'

Object.assign(eventSchemas, {
  [NEXT_TYPE]: { ...eventSchemas[NEXT_TYPE], schema: withNextField(eventSchemas[NEXT_TYPE].schema) },
})
process.stderr.write(`knows ${NEXT_TYPE}.${NEXT_FIELD.name}\n`)
await import('./instance.ts')
