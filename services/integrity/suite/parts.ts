import { globSync } from 'node:fs'
import { root } from '#pipelines/local/paths.ts'

/** One part of the long suite: some files, run by one vitest after the other. */
export interface Part {
  readonly name: string
  readonly files: readonly string[]
}

/** Parts that run side by side in different lanes, one after the other within a lane. */
export type Lane = readonly Part[]

/** Lanes that run side by side, when those of the stage before are through. */
export type Stage = readonly Lane[]

/**
 * Where the files of each part stand. The lanes of the first stage keep two cores busy: two start whole shops, which wait for much (a broker that
 * comes back, a group that is shared out anew); the third computes, or works on a database. The longest of a lane comes first. The last stage has
 * the machine to itself: that not one request fails can only be said of services that have no reason to shed load.
 */
const STAGES: readonly (readonly (readonly (readonly [name: string, prefix: string])[])[])[] = [
  [
    [
      ['crash', 'services/integrity/crash/'],
      ['infrastructure', 'services/integrity/infrastructure/'],
    ],
    [
      ['planted in a shop', 'services/integrity/planted/shop.'],
      ['http', 'services/integrity/http/'],
      ['poison', 'services/integrity/poison/'],
      ['ingest', 'analytics/ingest/'],
    ],
    [
      ['simulation', 'services/integrity/simulation/'],
      ['tasks', 'services/integrity/tasks/'],
      ['planted in model and simulation', 'services/integrity/planted/quick.'],
      ['model', 'services/integrity/model/'],
      ['stream', 'pipelines/stream/'],
    ],
  ],
  [[['rolling', 'services/integrity/rolling/']]],
]

/** Every file of the long suite, in its part. One that no part claims is run at the end, never left out. */
export function stagesOf(files: readonly string[]): readonly Stage[] {
  const claimed = new Set<string>()
  const stages = STAGES.map((lanes) =>
    lanes.map((lane) =>
      lane.map(([name, prefix]): Part => {
        const own = files.filter((file) => file.startsWith(prefix))
        for (const file of own) claimed.add(file)
        return { name, files: own }
      }),
    ),
  )
  const others = files.filter((file) => !claimed.has(file))
  if (others.length > 0) stages.at(-1)?.at(-1)?.push({ name: 'others', files: others })
  return stages
}

export function integrityFiles(): readonly string[] {
  return globSync('{services,pipelines,analytics}/**/*.integrity.test.ts', { cwd: root }).sort()
}
