import { Command } from 'commander'
import { readSubjects } from '../against/files.ts'
import { RegistryClient } from '../against/registry-client.ts'
import { settingsOf } from '../check.ts'
import { excluded } from '../config.ts'
import { BadUsage } from '../errors.ts'
import { registryLevels, setRegistryLevels } from '../registry-levels.ts'
import { type CommonOptions, commonOptions, loaded } from './options.ts'
import { EXIT, guarded, type Outside } from './outside.ts'

interface RegisterOptions extends CommonOptions {
  readonly registry?: string
  readonly dryRun?: boolean
}

export function registerCommand(outside: Outside): Command {
  return commonOptions(new Command('register'))
    .description(
      "Registers the schemas, each subject's compatibility level first. Nothing is registered unless the registry takes all.",
    )
    .option('--registry <url>', 'URL of the Confluent-compatible API')
    .option('--dry-run', 'only ask the registry whether it would take them, by the levels that it has; change nothing')
    .addHelpText(
      'after',
      `\nExamples:\n  $ ${outside.program} register schemas --registry http://127.0.0.1:8081/apis/ccompat/v7`,
    )
    .action((given: string[], options: RegisterOptions, command: Command) =>
      guarded(outside, command, async () => {
        if (options.registry === undefined)
          throw new BadUsage('NO_REGISTRY', 'no registry is named.', { hint: 'Give --registry <url>.' })
        const request = loaded(outside, given, options)
        const { config } = request.config
        const subjects = readSubjects(request.paths, config.subject, outside.cwd, excluded(request.config))
        const split = subjects.find(({ imports }) => imports.length > 0)
        if (split !== undefined) {
          throw split.source.error(
            'NEEDS_REFERENCES',
            'takes types from other files, and registering with references is not supported.',
            '',
            'Put the types into the file.',
          )
        }
        const { registryToken: token } = outside
        const client = new RegistryClient({
          url: options.registry,
          timeoutMs: options.timeout,
          ...(token === undefined ? {} : { token }),
        })
        const modes = subjects.map((subject) => ({
          name: subject.name,
          mode: settingsOf(request.config, subject).mode,
        }))
        if (options.dryRun !== true) await setRegistryLevels(client, registryLevels(modes))
        const refused: string[] = []
        for (const { name, source } of subjects) {
          const { ok, messages } = await client.accepts(name, source.text)
          if (!ok) refused.push(`${source.path}: the registry refuses ${name}: ${messages.join(' ')}\n`)
        }
        for (const line of refused) outside.out(line)
        if (refused.length > 0) return outside.exit(EXIT.findings)
        for (const { name, source } of options.dryRun === true ? [] : subjects) {
          outside.out(`${name} has id ${await client.register(name, source.text)}\n`)
        }
        return outside.exit(EXIT.clean)
      }),
    )
}
