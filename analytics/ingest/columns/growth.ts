/**
 * To how many a column grows that needs so many and had so many: by half. Two batches are kept for good, and doubling leaves a third of such memory
 * without use; by less, what is copied and dropped on the way to a full flush would be more than what it saves.
 */
export function grownLength(needed: number, had: number): number {
  return Math.max(needed, had + (had >> 1))
}
