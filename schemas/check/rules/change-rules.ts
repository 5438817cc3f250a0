import type { Rule } from './catalogue.ts'

/** Changes that the reference lets pass and that break people all the same. */
export const CHANGE_RULES = [
  {
    id: 'LOGICAL_TYPE_CHANGED',
    level: 'error',
    title: 'A logical type was changed, added or removed',
    means:
      'The bytes are read as before and mean something else: timestamp-millis read as timestamp-micros is a date in 1970. No registry looks at it.',
    breaks: 'Everybody who reads one version with the other, silently.',
    fix: 'Keep the logical type, and add a new field for the new meaning.',
    example: [
      '{"type": "long", "logicalType": "timestamp-millis"}',
      '{"type": "long", "logicalType": "timestamp-micros"}',
    ],
  },
  {
    id: 'DECIMAL_SCALE_CHANGED',
    level: 'error',
    title: 'The scale of a decimal changed',
    means:
      'A decimal is an unscaled number; its scale stands only in the schema. Scale 2 read as 4 makes 12.99 into 0.1299. No registry looks at it.',
    breaks: 'Everybody who reads one version with the other, silently, by powers of ten.',
    fix: 'Keep the scale, and add a new field with the new one.',
    example: [
      '{"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}',
      '{"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 4}',
    ],
  },
  {
    id: 'DECIMAL_PRECISION_CHANGED',
    level: 'error',
    title: 'The precision of a decimal changed',
    means:
      'The number of digits that the value may have. Readers that check it refuse larger values; stores have columns of the old width.',
    breaks: 'Readers with the smaller precision.',
    fix: 'Choose enough digits in the first version; later, add a new field.',
    example: [
      '{"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}',
      '{"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}',
    ],
  },
  {
    id: 'NAMESPACE_CHANGED',
    level: 'error',
    title: 'A named type moved to another namespace',
    means:
      'The reference and the registries compare short names, so this passes. Runtimes differ: avsc and the Java union resolution use full names, and generated classes move to another package.',
    breaks: 'Readers in runtimes that match full names, and every program that was generated from the schema.',
    fix: 'Keep the namespace. If it must change, add an alias with the old full name; readers on the old schema still need a runtime that ignores namespaces.',
    example: [
      '{"type": "fixed", "namespace": "shop.orders", "name": "Hash", "size": 16}',
      '{"type": "fixed", "namespace": "shop.ordering", "name": "Hash", "size": 16}',
    ],
  },
  {
    id: 'DEFAULT_CHANGED',
    level: 'warning',
    title: 'A default was changed or removed',
    means:
      'The default stands in for a value that was not written, so the same old record reads differently with the new schema.',
    breaks:
      'Whoever compares or sums over records read with both. A removed default also forbids to remove the field later.',
    fix: 'Put the old default back, unless the old one was a mistake.',
    example: ['{"name": "attempt", "type": "int", "default": 1}', '{"name": "attempt", "type": "int", "default": 0}'],
  },
  {
    id: 'FIELD_RENAMED_WITHOUT_ALIAS',
    level: 'warning',
    title: 'A field seems to have been renamed without an alias',
    means:
      'One field went and another of the same type came with a like name or in the same place. Without an alias Avro takes them for two fields, and the old value is lost.',
    breaks: 'Readers on the new schema see the default instead of the old value.',
    fix: 'Add "aliases" with the old name to the new field; or keep the old name.',
    example: [
      '{"name": "buyerId", "type": "string", "default": ""}',
      '{"name": "customerId", "type": "string", "default": ""}',
    ],
  },
  {
    id: 'ENUM_SYMBOL_REMOVED',
    level: 'warning',
    title: 'An enum symbol was removed',
    means:
      'The enum has a default, so old data still reads; but the removed symbol reads as the default, and which it was is lost.',
    breaks: 'Readers on the new schema see the default where old data says the symbol.',
    fix: 'Keep the symbol and say in "doc" that it is no longer written.',
    example: [
      '{"type": "enum", "name": "Channel", "symbols": ["WEB", "API", "UNKNOWN"], "default": "UNKNOWN"}',
      '{"type": "enum", "name": "Channel", "symbols": ["WEB", "UNKNOWN"], "default": "UNKNOWN"}',
    ],
  },
  {
    id: 'ENUM_SYMBOLS_REORDERED',
    level: 'warning',
    title: 'The symbols of an enum stand in another order',
    means:
      "Avro writes a symbol's number and reads it by the writer's schema, so resolution works. What sorts, or reads or stores the number without the writer's schema, goes wrong.",
    breaks: 'Sort order, and readers without the schema the data was written with.',
    fix: 'Append new symbols at the end and leave the others where they are.',
    example: [
      '{"type": "enum", "name": "Channel", "symbols": ["WEB", "API"]}',
      '{"type": "enum", "name": "Channel", "symbols": ["API", "WEB"]}',
    ],
  },
  {
    id: 'SENSITIVE_MARK_REMOVED',
    level: 'warning',
    title: 'A field is no longer marked sensitive',
    means: 'What masks logs, listings and exports goes by the mark in the schema.',
    breaks: 'Nobody who reads; but the value begins to appear in logs and listings.',
    fix: 'Put the mark back.',
    example: ['{"name": "email", "type": "string", "x-sensitive": true}', '{"name": "email", "type": "string"}'],
  },
  {
    id: 'KEY_FIELD_TYPE_CHANGED',
    level: 'error',
    title: 'The field that is the record key changed its type',
    means:
      'The flow map says which field keys the topic. Another type is another key on the wire, so the same thing lands in another partition.',
    breaks: 'Order per key: old and new events of one thing are no longer read one after the other.',
    fix: 'Keep the type. A new key needs a new topic.',
    example: ['{"name": "orderId", "type": "int"}', '{"name": "orderId", "type": "long"}'],
  },
  {
    id: 'SCHEMA_REMOVED',
    level: 'error',
    title: 'A schema is gone',
    means: 'The file was there in what is compared against, and neither it nor a file with its name is now.',
    breaks: 'Consumers that still read the events, and replays of the topic.',
    fix: 'Keep the file until the topic is deleted; or suppress this finding with the reason.',
    example: ['{"type": "record", "name": "OrderStarted", "fields": []}', '(no file)'],
  },
  {
    id: 'HISTORY_UNREADABLE',
    level: 'error',
    title: 'An older version in git is no Avro schema',
    means: 'A commit holds a version of this file that does not parse. Nothing can be told about data written with it.',
    breaks:
      'Probably nobody, as no encoder takes such a schema; but a check that skips it silently could call something compatible that is not.',
    fix: 'If it was never used, suppress this finding for the file and say so in the reason.',
    example: ['{"type": "record", "name": "A", "fields": [', '{"type": "record", "name": "A", "fields": []}'],
  },
] as const satisfies readonly Rule[]
