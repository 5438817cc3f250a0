import { canonicalForm } from '../avro/canonical.ts'
import type { Field } from '../avro/schema.ts'

export interface Rename {
  readonly from: Field
  readonly to: Field
}

const ALIKE = 0.5

/**
 * Pairs of a removed and an added field that look like one field renamed: the same type, and a like name or the very place of the other.
 * The most alike go first; each field is used once.
 */
export function renames(removed: readonly Field[], added: readonly Field[]): readonly Rename[] {
  const candidates = removed
    .flatMap((from) => added.map((to) => ({ from, to, score: likeness(from, to) })))
    .filter(({ score }) => score >= ALIKE)
    .sort((a, b) => b.score - a.score)
  const used = new Set<Field>()
  return candidates.filter(({ from, to }) => {
    if (used.has(from) || used.has(to)) return false
    used.add(from).add(to)
    return true
  })
}

function likeness(from: Field, to: Field): number {
  if (canonicalForm(from.schema) !== canonicalForm(to.schema) || from.schema.logical?.name !== to.schema.logical?.name)
    return 0
  const samePlace = from.index === to.index ? ALIKE : 0
  return samePlace + likeWords(from.name, to.name)
}

/** Share of common letters in order, from 0 (nothing alike) to 1 (the same but for case). */
function likeWords(a: string, b: string): number {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()]
  let row = new Array<number>(right.length + 1).fill(0)
  for (const letter of left) {
    const next = [0]
    for (let i = 1; i <= right.length; i++) {
      next[i] = letter === right[i - 1] ? (row[i - 1] ?? 0) + 1 : Math.max(row[i] ?? 0, next[i - 1] ?? 0)
    }
    row = next
  }
  return (2 * (row[right.length] ?? 0)) / (left.length + right.length) - ALIKE / 2
}
