import { Command, Option } from 'commander'
import { type LevelOf, registerAll } from './register.ts'

const LOCAL_REGISTRY = 'http://127.0.0.1:8081/apis/ccompat/v7'

/** `eshop schema register`, to be added to `eshop schema`. `levelOf` is what the checker's config says of a subject. */
export function schemaRegisterCommand(
  write: (text: string) => void = (text) => process.stdout.write(text),
  levelOf?: LevelOf,
): Command {
  return new Command('register')
    .description('register the schema of every event and set the compatibility level; only this command does')
    .addOption(
      new Option('--registry <url>', "base URL of the registry's Confluent API")
        .env('REGISTRY_URL')
        .default(LOCAL_REGISTRY),
    )
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  eshop schema register\n  eshop schema register --registry http://registry.example:8081 --json',
    )
    .action(async ({ registry, json }: { registry: string; json?: true }) => {
      const subjects = await registerAll({ registryUrl: registry, ...(levelOf === undefined ? {} : { levelOf }) })
      if (json) {
        write(`${JSON.stringify(subjects, null, 2)}\n`)
        return
      }
      for (const { subject, id, version, created } of subjects)
        write(`${created ? 'registered' : 'unchanged '}  id ${id}  version ${version}  ${subject}\n`)
      const created = subjects.filter((entry) => entry.created).length
      write(`${subjects.length} schemas, ${created} of them new\n`)
    })
}
