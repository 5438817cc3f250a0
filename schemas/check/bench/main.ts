import { spawnSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseSchema } from '../avro/parse.ts'
import type { Schema } from '../avro/schema.ts'
import { Source } from '../avro/source.ts'
import { judgePair } from '../judge.ts'
import { TestRepository } from '../testing/git-repository.ts'
import { schemaVersion } from './shop.ts'

/*
 * Two questions. How long does it take to compare 1,000 parsed schemas with all of their 10 versions, and how much memory? How long does
 * the whole command take when one file of 1,000 changed, in a repository with 200 commits? Exits with 1 when a goal is missed.
 */

const SCHEMAS = 1_000
const VERSIONS = 10
const COMMITS = 200
const RUNS = 9
const GOAL = { judgeMs: 1_000, memoryMb: 300, commandMs: 300, allMs: 1_000 } as const
const HERE = dirname(fileURLToPath(import.meta.url))

interface Result {
  readonly what: string
  readonly measured: number
  readonly goal: number
  readonly unit: string
}

function judgeAll(): readonly Result[] {
  const histories: Schema[][] = Array.from({ length: SCHEMAS }, (_, schema) =>
    Array.from({ length: VERSIONS + 1 }, (__, version) => parsed(schema, version + 1)),
  )
  const options = { mode: 'FULL_TRANSITIVE', sensitiveProperty: 'x-sensitive', map: undefined } as const
  const started = process.cpuUsage()
  let breaks = 0
  for (const history of histories) {
    const now = history[VERSIONS] as Schema
    for (let version = 0; version < VERSIONS; version++) {
      const pair = judgePair(now, history[version] as Schema, version === VERSIONS - 1, options)
      if (!pair.canReadOld || !pair.oldCanRead) breaks++
    }
  }
  const { user, system } = process.cpuUsage(started)
  const judgeMs = (user + system) / 1_000
  if (breaks > 0) throw new RangeError(`the benchmark's schemas are compatible, and ${breaks} pairs were not`)
  const what = `${SCHEMAS} schemas x ${VERSIONS} versions, transitive, both ways, all rules, once parsed (CPU time, first run, cold)`
  return [
    { what, measured: judgeMs, goal: GOAL.judgeMs, unit: 'ms' },
    {
      what: 'memory with all of them parsed (peak resident set)',
      measured: process.resourceUsage().maxRSS / 1024,
      goal: GOAL.memoryMb,
      unit: 'MB',
    },
  ]
}

function parsed(schema: number, version: number): Schema {
  return parseSchema(new Source(`Event${schema}.avsc`, JSON.stringify(schemaVersion(schema, version)))).root
}

function wholeCommand(): readonly Result[] {
  using repository = new TestRepository()
  for (let schema = 0; schema < SCHEMAS; schema++) repository.write(pathOf(schema), schemaVersion(schema, 1))
  repository.commit()
  for (let commit = 1; commit < COMMITS; commit++) {
    const schema = (commit * 7) % 20
    repository.write(pathOf(schema), schemaVersion(schema, 1 + Math.ceil(commit / 20)))
    repository.commit()
  }
  repository.write(pathOf(3), schemaVersion(3, VERSIONS + 2))
  const what = `one changed file of ${SCHEMAS}, ${COMMITS} commits, start-up included (best of ${RUNS})`
  return [
    { what: `${what}, --changed`, measured: best(repository.folder, ['--changed']), goal: GOAL.commandMs, unit: 'ms' },
    { what: `${what}, all schemas linted`, measured: best(repository.folder, []), goal: GOAL.allMs, unit: 'ms' },
  ]
}

/** The shortest of several runs, as other work on the machine only makes them longer. */
function best(folder: string, options: readonly string[]): number {
  const parameters = [...commandLine(), 'check', 'schemas', '--against', 'git:main', ...options]
  const times = Array.from({ length: RUNS }, () => {
    const started = performance.now()
    const { status, stderr } = spawnSync(process.execPath, parameters, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new RangeError(`the check ended with ${status}: ${stderr}`)
    return performance.now() - started
  })
  return Math.min(...times)
}

function pathOf(schema: number): string {
  return `schemas/area${schema % 20}/Event${schema}.avsc`
}

/** The built command as users have it. */
function commandLine(): readonly string[] {
  return [join(HERE, '../dist/cli.js')]
}

function build(): void {
  const compiler = fileURLToPath(import.meta.resolve('typescript/package.json')).replace('package.json', 'bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', join(HERE, '..')], { encoding: 'utf8' })
  if (status !== 0) throw new RangeError(`the checker could not be built: ${stdout}`)
}

process.stdout.write(
  `${process.version}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}${(loadavg()[0] ?? 0) > 1 ? ': the machine is busy, wall times are too long' : ''}\n`,
)
build()
const results = [...wholeCommand(), ...judgeAll()] // the command first: a process that holds much starts others slowly
for (const { what, measured, goal, unit } of results) {
  const verdict = measured <= goal ? 'ok' : 'MISSED'
  process.stdout.write(
    `${measured.toFixed(0).padStart(6)} ${unit}  goal ${goal} ${unit}, ratio ${(measured / goal).toFixed(2)}  ${verdict}  ${what}\n`,
  )
}
process.exitCode = results.every(({ measured, goal }) => measured <= goal) ? 0 : 1
