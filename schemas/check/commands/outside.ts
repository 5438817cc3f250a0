import type { Command } from 'commander'
import { BadUsage, CheckError } from '../errors.ts'
import type { FlowMapData } from '../rules/flow-map.ts'

/** Everything that a command takes from the world around it. */
export interface Outside {
  /** Name of the command that holds the others: `schema`. */
  readonly name: string
  /** How it is called in examples: `eshop schema`. */
  readonly program: string
  readonly cwd: string
  /** The config file when none is named and none is found upwards from the paths. */
  readonly config?: string
  /** The flow map, for the rules about topics and keys. Without it, those rules follow the config's "map" or are silent. */
  readonly map?: FlowMapData
  readonly out: (text: string) => void
  readonly say: (text: string) => void
  readonly exit: (code: number) => void
  /** The folder that a CI system checked the repository out into: its reports name files from there. */
  readonly workspace?: string
  /** Whether the output is a terminal that takes colours. */
  readonly color: boolean
  /** `YYYY-MM-DD`. */
  readonly today: string
  /** A bearer token for the registry. */
  readonly registryToken?: string
}

export const EXIT = { clean: 0, broke: 1, usage: 2, findings: 100 } as const

/** The real world, with what the caller gave in its place. */
export function outsideOf(given: Partial<Outside>): Outside {
  const token = process.env.SCHEMA_REGISTRY_TOKEN
  const workspace = process.env.GITHUB_WORKSPACE ?? process.env.CI_PROJECT_DIR
  return {
    name: 'schema',
    program: 'eshop schema',
    cwd: process.cwd(),
    out: (text) => void process.stdout.write(text),
    say: (text) => void process.stderr.write(text),
    exit: (code) => {
      process.exitCode = code
    },
    color: process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb',
    today: new Date().toISOString().slice(0, 10),
    ...(token === undefined ? {} : { registryToken: token }),
    ...(workspace === undefined ? {} : { workspace }),
    ...given,
  }
}

/** Turns what a command throws into words and an exit code. A wrong use goes on as commander's error. */
export async function guarded(outside: Outside, command: Command, work: () => Promise<void> | void): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof BadUsage) command.error(String(error), { exitCode: EXIT.usage })
    if (!(error instanceof CheckError)) throw error
    outside.say(`${error}\n`)
    outside.exit(EXIT.broke)
  }
}
