import { createHash } from 'node:crypto'
import type { Finding } from '../finding.ts'

/** An id that stays the same while the finding does, wherever its line moves: services use it to tell new findings from old ones. */
export function identity({ rule, subject, field, message }: Finding): string {
  return createHash('sha256').update([rule, subject, field, message].join('\n')).digest('hex').slice(0, 32)
}
