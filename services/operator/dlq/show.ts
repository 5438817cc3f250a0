import { tableOf } from '#services/e2e/table.ts'
import type { Acted, Letter, LetterDetail, Placed } from './letters.ts'

const MOST_REASON = 60

export function showLetters(letters: readonly Placed<Letter>[]): string {
  if (letters.length === 0) return 'no dead letters'
  const rows = letters.map(({ id, service, topic, eventType, code, reason, state, deadAt }) => [
    id,
    service,
    topic,
    eventType ?? '(undecodable)',
    code,
    reason.length > MOST_REASON ? `${reason.slice(0, MOST_REASON)}…` : reason,
    state,
    deadAt,
  ])
  return `${tableOf(['id', 'service', 'topic', 'event', 'code', 'reason', 'state', 'since'], rows)}\n\neshop dlq show ID, replay ID, discard ID --reason TEXT`
}

export function showLetter(letter: Placed<LetterDetail>): string {
  const { bytes } = letter
  const made =
    bytes && `${bytes.length} bytes, magic byte ${bytes.magicByte}, schema id ${bytes.schemaId}, sha256 ${bytes.sha256}`
  const lines: readonly (readonly [string, string | null])[] = [
    ['id', letter.id],
    ['service', letter.service],
    ['state', letter.state],
    ['record', `${letter.topic}, partition ${letter.partition}, offset ${letter.offset}, of ${letter.recordedAt}`],
    ['key', letter.key],
    ['event', letter.eventType && `${letter.eventType} ${letter.eventId}`],
    ['bytes', letter.forgottenAt ? `deleted at ${letter.forgottenAt}` : made],
    ['dead since', `${letter.deadAt}, after ${letter.attempts} ${letter.attempts === 1 ? 'attempt' : 'attempts'}`],
    ['reason', `${letter.code}: ${letter.reason}`],
    ['not decodable', letter.decodeError],
  ]
  const parts = [
    lines.flatMap(([name, value]) => (value ? [`${name.padEnd(14)} ${value}`] : [])).join('\n'),
    ...(letter.event ? [JSON.stringify(letter.event, null, 2)] : []),
    ...(letter.stack ? [letter.stack] : []),
    ...letter.actions.map(
      ({ action, by, outcome, reason, at }) => `${at} ${action} by ${by}: ${outcome}${reason ? ` (${reason})` : ''}`,
    ),
  ]
  return parts.join('\n\n')
}

export function showActed({ service, id, ok, changed, note }: Acted, action: 'replay' | 'discard'): string {
  const done = action === 'replay' ? 'replayed' : 'discarded'
  if (!ok) return `REFUSED  ${service} ${id}: ${note}`
  return changed ? `${done} ${service} ${id}: ${note}` : `unchanged ${service} ${id}: ${done} before`
}
