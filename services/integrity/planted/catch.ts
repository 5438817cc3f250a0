import type { PlantedBug } from './bugs.ts'
import type { Stores } from './checks.ts'
import { copyTree } from './copy.ts'
import type { Caught } from './results.ts'

/** Plants the bug in a copy of the tree, and runs its checks until one says something. @throws CodedError `PATCH_STALE` */
export async function catchBug({ name, is, patch, checks }: PlantedBug, stores: Stores): Promise<Caught> {
  const on = new Date().toISOString().slice(0, 10)
  using copy = copyTree()
  copy.apply(patch)
  for (const by of checks) {
    const began = performance.now()
    const said = await copy.run(by, stores)
    if (said !== undefined) return { name, is, by, seconds: Math.round((performance.now() - began) / 1000), said, on }
  }
  return { name, is, by: null, seconds: 0, said: null, on }
}
