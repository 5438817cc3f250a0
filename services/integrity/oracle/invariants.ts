import type { Evidence, Finding, Invariant } from './evidence.ts'
import { accepted } from './invariants/accepted.ts'
import { chargedTwice } from './invariants/charged-twice.ts'
import { doubled } from './invariants/doubled.ts'
import { illegalPath } from './invariants/illegal-path.ts'
import { lost } from './invariants/lost.ts'
import { missing } from './invariants/missing.ts'
import { oversold } from './invariants/oversold.ts'
import { stuck } from './invariants/stuck.ts'
import { unbalanced } from './invariants/unbalanced.ts'

/** All nine. Each must hold for every shop, whatever was done to it. */
export const invariants: readonly Invariant[] = [
  accepted,
  lost,
  doubled,
  oversold,
  chargedTwice,
  unbalanced,
  missing,
  stuck,
  illegalPath,
]

/** Everything that breaks any of them. */
export function findingsIn(evidence: Evidence): readonly Finding[] {
  return invariants.flatMap(({ name, find }) => find(evidence).map((finding) => ({ ...finding, invariant: name })))
}

/** Everything that is wrong already, although all goes on. */
export function findingsAtOnce(evidence: Evidence): readonly Finding[] {
  return invariants.flatMap(({ name, findAtOnce }) =>
    findAtOnce(evidence).map((finding) => ({ ...finding, invariant: name })),
  )
}
