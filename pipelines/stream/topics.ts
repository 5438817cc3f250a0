import { PARTITIONS, type Topic, type TopicName, topicNames, topics } from '#pipelines/flow/map.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Binder, TopicDescription, TopicSpec } from './binders/types.ts'

/** What the map says of topics, as the broker has to have them. */
export function topicSpecs(names: readonly TopicName[] = topicNames): readonly TopicSpec[] {
  return names.map((name) => {
    const { retentionMs }: Topic = topics[name]
    return { name, partitions: PARTITIONS, retentionMs }
  })
}

/** The topics are not as the map says. A service that went on would lose the order of keys, or its records. */
export class TopicsDiffer extends CodedError {
  constructor(problems: readonly string[]) {
    super('TOPICS_DIFFER', `the broker's topics are not as the map says:\n  ${problems.join('\n  ')}`, {
      facts: { problems },
    })
  }
}

/**
 * Checks that the topics exist with the right number of partitions and retention.
 * @throws TopicsDiffer naming every difference, Unavailable `BROKER_AWAY`
 */
export async function verifyTopics(
  binder: Pick<Binder, 'describe'>,
  specs: readonly TopicSpec[] = topicSpecs(),
): Promise<void> {
  const found = await binder.describe(specs.map(({ name }) => name))
  const problems = specs.flatMap((spec) =>
    differences(
      spec,
      found.find(({ name }) => name === spec.name),
    ),
  )
  if (problems.length > 0) throw new TopicsDiffer(problems)
}

function differences(spec: TopicSpec, found: TopicDescription | undefined): string[] {
  const { name, partitions, retentionMs } = spec
  if (!found) return [`${name} does not exist: provision the topics (\`eshop up\` does)`]
  const problems: string[] = []
  if (found.partitions !== partitions) {
    problems.push(
      `${name} has ${found.partitions} partitions, not ${partitions}: its keys would be elsewhere, so it cannot be changed in place`,
    )
  }
  if (found.retentionMs !== retentionMs) {
    problems.push(`${name} keeps records ${duration(found.retentionMs)}, not ${duration(retentionMs)} (retention.ms)`)
  }
  if (found.cleanupPolicy !== 'delete') {
    problems.push(`${name} has cleanup.policy=${found.cleanupPolicy}, not delete: compaction drops events`)
  }
  return problems
}

function duration(ms: number | undefined): string {
  return ms === undefined ? 'for ever' : `for ${ms / 86_400_000} days`
}
