import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { home } from '#pipelines/local/paths.ts'
import { run } from '#pipelines/local/process/run.ts'
import { startProcess } from '#pipelines/testing/process.ts'

/** The release that the suite was written with. */
const VERSION = '4.32.5'
const folder = join(home, 'schemathesis', VERSION)
const program = join(folder, 'bin', 'st')

/**
 * What no schema can say and the shell refuses all the same: a cursor that is none of ours, an If-Match of another version, an amount that
 * does not fit its currency. Anything else that is valid by the document must be taken. An address too long is refused as 414, one beyond the server's
 * room for all headers as 431.
 */
const SETTINGS = `[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 400, 401, 403, 404, 409, 412, 413, 422, 428, 429, 503]

[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 414, 415, 422, 428, 429, 431, 503]
`

/** Makes a Python environment under `.eshop` and installs schemathesis into it, once. */
export async function installSchemathesis(): Promise<void> {
  if (existsSync(program)) return
  await mkdir(folder, { recursive: true })
  await run('python3', ['-m', 'venv', folder])
  await run(join(folder, 'bin', 'pip'), [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    `schemathesis==${VERSION}`,
  ])
}

export interface Attack {
  /** Base URL of the service; its document is at `/openapi.json`. */
  readonly url: string
  readonly token: string
  readonly seed: number
  /** Cases of each operation in the random phase. */
  readonly examples: number
  /** Checks that do not hold for this service by design. */
  readonly without?: readonly string[]
}

/** Attacks every operation of a document with every check: examples, coverage of each constraint, random and stateful. Returns the exit code and the report. */
export async function attack({
  url,
  token,
  seed,
  examples,
  without = [],
}: Attack): Promise<{ code: number | null; report: string }> {
  const cwd = await mkdtemp(join(tmpdir(), 'eshop-schemathesis-'))
  try {
    await writeFile(join(cwd, 'schemathesis.toml'), SETTINGS)
    const fixed = [
      '--checks',
      'all',
      '--workers',
      '1', // with two, Python 3.11's parser breaks now and then: "AST constructor recursion depth mismatch"
      '--generation-database',
      'none',
      '--continue-on-failure',
      '--no-shrink',
      '--request-timeout',
      '20',
    ]
    const chosen = ['--seed', String(seed), '--max-examples', String(examples)]
    const excluded = without.length > 0 ? ['--exclude-checks', without.join(',')] : []
    const args = [
      'run',
      `${url}/openapi.json`,
      '-H',
      `Authorization: Bearer ${token}`,
      ...fixed,
      ...chosen,
      ...excluded,
    ]
    const running = startProcess(args, { command: program, cwd, env: { NO_COLOR: '1', COLUMNS: '160' } })
    const { code } = await running.exited
    return { code, report: running.output() }
  } finally {
    await rm(cwd, { recursive: true, force: true })
  }
}
