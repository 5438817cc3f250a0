import type { Rule } from './catalogue.ts'

/** What is wrong with one schema, whatever it was before. */
export const SCHEMA_RULES = [
  {
    id: 'ENUM_WITHOUT_DEFAULT',
    level: 'warning',
    title: 'An enum has no default symbol',
    means:
      'Without "default" on the enum, no symbol can ever be added: readers that are out fail on it. The default of a field does not help.',
    breaks: 'Nobody yet; the first added symbol breaks all older readers.',
    fix: 'Add a symbol for the unknown and make it the "default" of the enum, in the first version.',
    example: ['{"type": "enum", "name": "Channel", "symbols": ["WEB", "API"]}'],
  },
  {
    id: 'UNION_DEFAULT_NOT_FIRST',
    level: 'error',
    title: "A union's default is not of its first branch",
    means:
      'The specification had it so until 1.11, and avsc, older Java, Python and others refuse the schema. Only Java from 1.12 takes any branch.',
    breaks: 'Programs that load the schema with another library: they do not start.',
    fix: 'Put the branch of the default first.',
    example: ['{"name": "note", "type": ["string", "null"], "default": null}'],
  },
  {
    id: 'DOC_MISSING',
    level: 'warning',
    title: 'A record, enum or field has no doc',
    means: 'The schema is the contract between teams, and the only place that all of them read.',
    breaks: 'Whoever has to guess the unit, the clock or the meaning.',
    fix: 'Add "doc": what it is, its unit, who sets it, when it is absent.',
    example: ['{"name": "graceMs", "type": "long"}'],
  },
  {
    id: 'SENSITIVE_FIELD_UNMARKED',
    level: 'error',
    title: 'A field looks like card or secret data and is not marked sensitive',
    means:
      'Its name says card number, security code, password, token, key or the like, and nothing tells logs and listings to mask it.',
    breaks: 'Nobody who reads; but the value stays in topics, logs and stores for as long as they do.',
    fix: 'Leave it out of the event. If it must be there, mark it: "x-sensitive": true.',
    example: ['{"name": "cardNumber", "type": "string"}'],
  },
  {
    id: 'NOT_PORTABLE',
    level: 'error',
    title: 'Java takes the schema and other runtimes refuse it or read it differently',
    means:
      'An empty union, a name with letters beyond ASCII, a type defined twice, a default that does not fit its fixed, or a number in a default beyond 2^53.',
    breaks: 'Programs that load the schema with another library: avsc, Python, C.',
    fix: 'Write it as the specification has it; the message says what.',
    example: ['{"name": "id", "type": {"type": "fixed", "name": "Id", "size": 16}, "default": ""}'],
  },
  {
    id: 'EVENT_WITHOUT_TOPIC',
    level: 'error',
    title: 'No topic of the flow map carries this event',
    means: 'The map of topics was given, and the record is in none of them.',
    breaks: 'Nobody: the event can be neither published nor read.',
    fix: 'Add it to a topic of the map, or remove the file.',
    example: ['{"type": "record", "name": "OrderTeleported", "fields": []}'],
  },
  {
    id: 'KEY_FIELD_MISSING',
    level: 'error',
    title: 'The event lacks the key field of its topic',
    means:
      'The flow map says which field keys the topic, and the record has no such field: in the example the key of the topic "orders" is orderId.',
    breaks: 'The producer, when it publishes the event.',
    fix: 'Add the field, or mend the map.',
    example: ['{"type": "record", "name": "Order", "fields": [{"name": "total", "type": "long"}]}'],
  },
] as const satisfies readonly Rule[]
