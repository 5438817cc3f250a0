import { globSync } from 'node:fs'
import { root } from '#pipelines/local/paths.ts'

/** One part of the long suite: some files, run by one vitest after the other. */
export interface Part {
  readonly name: string
  readonly files: readonly string[]
}

/** Parts that run side by side in different lanes, one after the other within a lane. */
export type Lane = readonly Part[]

/**
 * Where the files of each part stand. Two lanes keep two cores busy: the first kills whole shops, of which two at a time would only
 * wait for each other; the second computes, works on a database, or asks services. The longest of a lane comes first.
 */
const LANES: readonly (readonly (readonly [name: string, prefix: string])[])[] = [
  [
    ['crash', 'services/integrity/crash/'],
    ['planted in a shop', 'services/integrity/planted/shop.'],
    ['infrastructure', 'services/integrity/infrastructure/'],
  ],
  [
    ['simulation', 'services/integrity/simulation/'],
    ['http', 'services/integrity/http/'],
    ['tasks', 'services/integrity/tasks/'],
    ['planted in model and simulation', 'services/integrity/planted/quick.'],
    ['model', 'services/integrity/model/'],
  ],
]

/** Every file of the long suite, in its part. One that no part claims is run at the end of the second lane, never left out. */
export function lanesOf(files: readonly string[]): readonly Lane[] {
  const claimed = new Set<string>()
  const lanes = LANES.map((lane) =>
    lane.map(([name, prefix]): Part => {
      const own = files.filter((file) => file.startsWith(prefix))
      for (const file of own) claimed.add(file)
      return { name, files: own }
    }),
  )
  const others = files.filter((file) => !claimed.has(file))
  if (others.length > 0) lanes.at(-1)?.push({ name: 'others', files: others })
  return lanes
}

export function integrityFiles(): readonly string[] {
  return globSync('{services,pipelines,analytics}/**/*.integrity.test.ts', { cwd: root }).sort()
}
