/** The seven modes with the meaning that Confluent's registry gives them. */
export const MODES = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const
export type Mode = (typeof MODES)[number]

/**
 * Which of two schemas reads. BACKWARD: the new one reads what an older version wrote. FORWARD: an older version reads what the new one
 * writes.
 */
export type Direction = 'BACKWARD' | 'FORWARD'

const BOTH: readonly Direction[] = ['BACKWARD', 'FORWARD']

export function isMode(text: string): text is Mode {
  return (MODES as readonly string[]).includes(text)
}

export function directionsOf(mode: Mode): readonly Direction[] {
  if (mode === 'NONE') return []
  return mode.startsWith('FULL') ? BOTH : BOTH.filter((direction) => mode.startsWith(direction))
}

/** Whether a mode asks about every version and not only the latest. */
export function isTransitive(mode: Mode): boolean {
  return mode.endsWith('_TRANSITIVE')
}

/** The versions, oldest first, that a mode compares a new schema with. */
export function versionsOf<T>(mode: Mode, history: readonly T[]): readonly T[] {
  if (mode === 'NONE') return []
  return isTransitive(mode) ? history : history.slice(-1)
}

/** Who may be deployed first, told from what reads what. */
export type DeployOrder = 'any order' | 'consumers first' | 'producers first' | 'cannot be deployed without a break'

export function deployOrder(canReadOld: boolean, oldCanRead: boolean): DeployOrder {
  if (canReadOld && oldCanRead) return 'any order'
  if (canReadOld) return 'consumers first'
  return oldCanRead ? 'producers first' : 'cannot be deployed without a break'
}
