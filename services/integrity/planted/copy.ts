import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { home, root } from '#pipelines/local/paths.ts'
import type { CheckName, Said, Stores } from './checks.ts'

/** A copy of the tree in a temporary folder, with the packages and downloads of the original. */
export interface TreeCopy extends Disposable {
  readonly folder: string
  /** @throws CodedError `PATCH_STALE` when the tree has changed so much that it no longer applies */
  apply(patch: string): void
  /** Runs a check with the copy's own code. @throws CodedError `CHECK_BROKE` */
  run(check: CheckName, stores: Stores): Promise<Said>
}

const SHARED = ['lib', 'runtime'] as const

export function copyTree(): TreeCopy {
  const folder = mkdtempSync(join(tmpdir(), 'eshop-planted-'))
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  for (const file of files.split('\0').filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file))
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  mkdirSync(join(folder, '.eshop'))
  for (const name of SHARED)
    if (existsSync(join(home, name))) symlinkSync(join(home, name), join(folder, '.eshop', name))
  return {
    folder,
    apply(patch) {
      try {
        execFileSync('git', ['apply', '--whitespace=nowarn', patch], {
          cwd: folder,
          stdio: 'pipe',
          env: { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder) },
        })
      } catch (cause) {
        throw new CodedError('PATCH_STALE', `${patch} no longer applies: plant that bug anew`, { cause })
      }
    },
    run: (check, stores) => runIn(folder, check, stores),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }),
  }
}

async function runIn(folder: string, check: CheckName, { postgresUrl }: Stores): Promise<Said> {
  const program = join(folder, 'services/integrity/planted/checks.ts')
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning', program, check],
    {
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: '', CHECK_POSTGRES_URL: postgresUrl },
      stdio: ['pipe', 'pipe', 'inherit'], // its stdin ends with this process, and it with its stdin
    },
  )
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  const last = output.trim().split('\n').at(-1) ?? ''
  const { said, broke }: { said?: string | null; broke?: string } = last.startsWith('{') ? JSON.parse(last) : {}
  // A shop that did not start has noticed nothing: a bug is not caught by a check that could not be made.
  if (code !== 0 || said === undefined)
    throw new CodedError('CHECK_BROKE', `the check ${check} broke (exit ${code}): ${broke ?? output.slice(-500)}`)
  return said ?? undefined
}
