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
 * Where the files of each part stand. The lanes keep two cores busy: the first two start whole shops, which wait for much (a broker that
 * comes back, a group that is shared out anew); the third computes, or works on a database. The longest of a lane comes first.
 */
const LANES: readonly (readonly (readonly [name: string, prefix: string])[])[] = [
  [
    ['crash', 'services/integrity/crash/'],
    ['infrastructure', 'services/integrity/infrastructure/'],
  ],
  [
    ['planted in a shop', 'services/integrity/planted/shop.'],
    ['rolling', 'services/integrity/rolling/'],
    ['http', 'services/integrity/http/'],
    ['poison', 'services/integrity/poison/'],
    ['ingest', 'analytics/ingest/'],
  ],
  [
    ['simulation', 'services/integrity/simulation/'],
    ['tasks', 'services/integrity/tasks/'],
    ['planted in model and simulation', 'services/integrity/planted/quick.'],
    ['model', 'services/integrity/model/'],
  ],
]

/** Every file of the long suite, in its part. One that no part claims is run at the end of the last lane, never left out. */
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
