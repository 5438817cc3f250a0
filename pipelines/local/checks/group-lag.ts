import type { Check } from './machine.ts'

export interface PartitionLook {
  readonly topic: string
  readonly partition: number
  /** The offset the group reads next. */
  readonly committed: number
  readonly end: number
}

/** Where a group stands at one moment. */
export interface GroupLook {
  readonly group: string
  readonly members: number
  readonly partitions: readonly PartitionLook[]
}

const MOST_LAG = 10_000

/** What is wrong with a group, by where it stood some seconds ago and where it stands now. */
export function judgeGroup(before: GroupLook | undefined, { group, members, partitions }: GroupLook): Check {
  const name = `Consumer ${group}`
  const ahead = partitions.filter(({ committed, end }) => committed > end)
  if (ahead.length > 0)
    return {
      name,
      ok: false,
      detail: `its position is ahead of the end of ${placesOf(ahead)}: the topic was made anew, and the group reads nothing of it`,
      fix: `stop ${group} and set its positions to the start (kafka-consumer-groups --reset-offsets --to-earliest --group ${group}), or \`eshop reset\` to wipe all stores together`,
    }
  const lag = partitions.reduce((sum, { committed, end }) => sum + Math.max(0, end - committed), 0)
  if (lag > 0 && members === 0)
    return {
      name,
      ok: false,
      detail: `${lag} records behind, and nobody reads`,
      fix: `is ${group} up? \`eshop status\`, ${group}.log`,
    }
  const standing = partitions.filter(({ topic, partition, committed, end }) => {
    const then = before?.partitions.find((each) => each.topic === topic && each.partition === partition)
    return then !== undefined && end > committed && then.committed === committed && then.end > then.committed
  })
  if (standing.length > 0)
    return {
      name,
      ok: false,
      detail: `${lag} records behind, without progress in ${placesOf(standing)}`,
      fix: `read ${group}.log for "will be tried again" or "waiting for what is away"; a record that is tried again is dead-lettered in the end`,
    }
  const fix = `is ${group} healthy? Read ${group}.log; a long catch-up ends by itself`
  return { name, ok: lag < MOST_LAG, detail: `${lag} records behind`, fix }
}

const MOST_NAMED = 3

function placesOf(partitions: readonly PartitionLook[]): string {
  const names = partitions.slice(0, MOST_NAMED).map(({ topic, partition }) => `${topic}/${partition}`)
  return [...names, ...(partitions.length > MOST_NAMED ? [`${partitions.length - MOST_NAMED} more`] : [])].join(', ')
}
