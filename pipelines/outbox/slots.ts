/** Keys share this many slots. Written into every row and checked by the table: another number is a migration. */
export const SLOTS = 16

/** The slot of a key: FNV-1a (32 bit) over its UTF-16 units. All events of a key are in one slot, whatever their topics. */
export function slotOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return ((hash >>> 16) ^ hash) & (SLOTS - 1)
}
