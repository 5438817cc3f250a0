import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseAgainst } from '../against/against.ts'
import type { Against } from '../against/version.ts'
import { isMode, MODES, type Mode } from '../compat/modes.ts'
import { excluded, type LoadedConfig, loadConfig } from '../config.ts'
import { BadUsage } from '../errors.ts'
import type { Outside } from './outside.ts'

const TIMEOUT_MS = 10_000

/** What the commands that read schemas have in common. */
export interface CommonOptions {
  readonly against?: string
  readonly mode?: Mode
  readonly config?: string
  readonly timeout: number
}

export function commonOptions(command: Command): Command {
  return command
    .argument(
      '[paths...]',
      'files and folders of .avsc files (default: the paths in the config, else the current folder)',
    )
    .option(
      '--against <where>',
      'git:<ref>, a folder, a registry URL, or a lock file (default: the one in the config, else the lock file)',
    )
    .option('--config <file>', 'config file (default: the nearest schema-check.json upwards)')
    .addOption(
      new Option('--timeout <ms>', 'how long one request to a registry may take')
        .default(TIMEOUT_MS)
        .argParser(milliseconds),
    )
}

export function modeOption(): Option {
  return new Option('--mode <mode>', `one of ${MODES.join(', ')}; wins over the config`).argParser((text) => {
    const mode = text.toUpperCase()
    if (isMode(mode)) return mode
    throw new InvalidArgumentError(`It is one of ${MODES.join(', ')}.`)
  })
}

/** The config, and the paths that are checked, relative to the working folder. */
export function loaded(
  outside: Outside,
  given: readonly string[],
  options: Pick<CommonOptions, 'config'>,
): { readonly config: LoadedConfig; readonly paths: readonly string[] } {
  const config = loadConfig(options.config, given, outside.cwd, outside.config)
  const paths =
    given.length > 0
      ? given
      : config.config.paths.map((path) => relative(outside.cwd, resolve(config.folder, path)) || '.')
  return { config, paths }
}

/** What is compared against: the flag, else the config's, else the lock file where there is one. */
export function againstOf(
  outside: Outside,
  { config, paths }: ReturnType<typeof loaded>,
  options: CommonOptions,
): Against {
  const lock = lockPath(outside, config)
  const text = options.against ?? config.config.against ?? (existsSync(resolve(outside.cwd, lock)) ? lock : undefined)
  if (text === undefined) {
    throw new BadUsage('NO_AGAINST', 'nothing to compare against.', {
      hint: 'Give --against git:main, a folder, the URL of a registry, or a lock file.',
    })
  }
  const { registryToken: token } = outside
  const { subject, history } = config.config
  return parseAgainst(text, {
    cwd: outside.cwd,
    paths,
    subject,
    history,
    leaveOut: excluded(config),
    timeoutMs: options.timeout,
    ...(token === undefined ? {} : { token }),
  })
}

/** The lock file's path, relative to the working folder. */
export function lockPath({ cwd }: Outside, { config, folder }: LoadedConfig): string {
  return relative(cwd, resolve(folder, config.lock))
}

function milliseconds(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new InvalidArgumentError('It is a number of milliseconds.')
}
