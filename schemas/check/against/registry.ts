import { Source } from '../avro/source.ts'
import { RegistryClient, type RegistryOptions } from './registry-client.ts'
import type { Against, Subject, Version } from './version.ts'

/** How many requests are under way at once. */
const AT_ONCE = 12
const SHOWN = 3

/** The versions that a Confluent-compatible registry has. Subjects that only the registry knows are none of a check's business. */
export function againstRegistry(options: RegistryOptions): Against {
  const client = new RegistryClient(options)
  return {
    async load(subjects, needsAll) {
      const known = new Set(await client.subjects())
      const versions = new Map<Subject, readonly Version[]>()
      await eachAtOnce(
        subjects.filter(({ name }) => known.has(name)),
        async (subject) => {
          versions.set(subject, await versionsIn(client, subject.name, needsAll))
        },
      )
      const note = known.size > 0 && versions.size === 0 ? strangers(subjects, known) : undefined
      return { where: client.shownAs, versions, gone: [], ...(note === undefined ? {} : { note }) }
    },
  }
}

/** Most often the names are made in another way than the registry's, and then every schema would pass as new. */
function strangers(subjects: readonly Subject[], known: ReadonlySet<string>): string {
  const some = [...known].sort().slice(0, SHOWN).join(', ')
  return `the registry knows none of these subjects (${subjects[0]?.name}, …), so all pass as new. It has ${some}${known.size > SHOWN ? ', …' : ''}. Where the names differ, set "subject" in the config.`
}

/** A version keeps the number that the registry gave it, as that is what its users know it by. */
async function versionsIn(client: RegistryClient, subject: string, needsAll: boolean): Promise<readonly Version[]> {
  const numbers = await client.versions(subject)
  const versions: Version[] = []
  for (const number of needsAll ? numbers : numbers.slice(-1)) {
    const found = await client.version(subject, number)
    if (found.schemaType !== undefined && found.schemaType !== 'AVRO') continue
    const imports = await importsOf(client, found.references ?? [])
    const source = new Source(`${subject} version ${number}`, found.schema)
    versions.push({ label: `v${number}`, origin: `registry version ${number}`, source, imports })
  }
  return versions
}

async function importsOf(
  client: RegistryClient,
  references: readonly { readonly subject: string; readonly version: number }[],
): Promise<readonly Source[]> {
  const imports: Source[] = []
  for (const { subject, version } of references) {
    const found = await client.version(subject, version)
    imports.push(
      ...(await importsOf(client, found.references ?? [])),
      new Source(`${subject} version ${version}`, found.schema),
    )
  }
  return imports
}

async function eachAtOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items]
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker))
}
