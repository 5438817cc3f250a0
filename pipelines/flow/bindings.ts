import type { EventOf, EventType } from '#schemas/generated/events.ts'
import { type Part, type Topic, type TopicName, topicNames, topics } from './map.ts'

type Topics = typeof topics

/** The topics a part reads. */
export type ConsumedBy<P extends Part> = {
  [T in TopicName]: P extends Topics[T]['consumers'][number] ? T : never
}[TopicName]

/** The event types a part may publish. Publishing any other is a compile error. */
export type PublishedBy<P extends Part> = {
  [T in TopicName]: P extends Topics[T]['producer'] ? Topics[T]['events'][number] : never
}[TopicName]

export type EventsOn<T extends TopicName> = Topics[T]['events'][number]

/**
 * A handler for each event of each topic the map gives to a part: no more, no less. `H` makes the handler's type from the event's.
 */
export type HandlersOf<P extends Part, Context, Result> = {
  readonly [T in ConsumedBy<P>]: {
    readonly [E in EventsOn<T>]: (event: EventOf<E>, context: Context) => Promise<Result>
  }
}

const topicByEvent = new Map<string, TopicName>(
  topicNames.flatMap((name) => topics[name].events.map((event) => [event, name] as const)),
)

/** The one topic that carries an event type. */
export function topicOf(type: EventType): TopicName {
  return topicByEvent.get(type) as TopicName
}

/** The record key of an event: the value of its topic's key field. */
export function keyOf(event: { readonly type: EventType }): string {
  const topic: Topic = topics[topicOf(event.type)]
  return String((event as unknown as Record<string, unknown>)[topic.key])
}

export function consumedTopics(part: Part): readonly TopicName[] {
  return topicNames.filter((name) => (topics[name].consumers as readonly Part[]).includes(part))
}

export function publishedEvents(part: Part): readonly EventType[] {
  return topicNames.flatMap((name) => (topics[name].producer === part ? [...topics[name].events] : []))
}
