import type { Rule } from './catalogue.ts'

/** The verdicts of Avro's reference, under the names that its Java library and the registries use. */
export const REFERENCE_RULES = [
  {
    id: 'READER_FIELD_MISSING_DEFAULT_VALUE',
    level: 'error',
    title: 'A field that one side lacks has no default on the other',
    means:
      'The reader wants a field that the writer does not write, and has no default to put in its place. It is a field added without a default (the new schema reads), or one removed that had none (an older schema reads). A type that allows null is not a default.',
    breaks:
      'Added: consumers on the new schema fail on all data written before. Removed: consumers still on the old schema fail on new data.',
    fix: 'Give an added field a "default". Keep a field that never had one; a schema that was ever published without a default cannot lose the field.',
    example: [
      '{"name": "sku", "type": "string"}',
      '{"name": "sku", "type": "string"}, {"name": "channel", "type": "string"}',
    ],
  },
  {
    id: 'TYPE_MISMATCH',
    level: 'error',
    title: 'A type changed to one that does not read the other',
    means:
      "The reader's type is neither the writer's nor one it may be promoted to: int to long, float, double; long to float, double; float to double; string and bytes to each other. Promotion works in one direction only.",
    breaks: 'Every reader on the side that cannot read, for every record: the whole record fails, not only the field.',
    fix: 'Keep the type, and add a new field with the new type and a default beside it.',
    example: ['{"name": "quantity", "type": "int"}', '{"name": "quantity", "type": "string"}'],
  },
  {
    id: 'NAME_MISMATCH',
    level: 'error',
    title: 'A record, enum or fixed was renamed',
    means:
      "The short names of the two named types differ and the reader has no alias with the writer's full name. Namespaces are not compared here; see NAMESPACE_CHANGED.",
    breaks:
      'Readers on the side without the alias. An alias in the new schema lets it read old data; old readers have no alias for the new name.',
    fix: 'Keep the name. Where only the new schema has to read, add "aliases" with the old full name.',
    example: ['{"type": "fixed", "name": "Hash", "size": 16}', '{"type": "fixed", "name": "Digest", "size": 16}'],
  },
  {
    id: 'FIXED_SIZE_MISMATCH',
    level: 'error',
    title: 'The size of a fixed changed',
    means: 'A fixed is read as exactly its number of bytes.',
    breaks: 'All readers, in both directions.',
    fix: 'Keep the size, and add a new field with a fixed of another name.',
    example: ['{"type": "fixed", "name": "Hash", "size": 16}', '{"type": "fixed", "name": "Hash", "size": 32}'],
  },
  {
    id: 'MISSING_ENUM_SYMBOLS',
    level: 'error',
    title: 'The writer has enum symbols that the reader does not know',
    means: 'The reader meets a symbol that is not in its list, and its enum has no "default" to fall back to.',
    breaks:
      'Added symbol: readers still on an older schema. Removed symbol: readers on the new one, when they meet old data.',
    fix: 'Give every enum a "default" symbol (UNKNOWN) in its first version. It has to be there before a symbol is added: readers that are out already do not get it.',
    example: [
      '{"type": "enum", "name": "Channel", "symbols": ["WEB", "API"]}',
      '{"type": "enum", "name": "Channel", "symbols": ["WEB", "API", "KIOSK"]}',
    ],
  },
  {
    id: 'MISSING_UNION_BRANCH',
    level: 'error',
    title: 'No branch of the reader reads what the writer may write',
    means:
      "The reader is a union, and one of the writer's types fits none of its branches. A union widened is a break for old readers, one narrowed for new ones.",
    breaks:
      'Branch added: readers still on an older schema. Branch removed: readers on the new one, when they meet old data.',
    fix: 'Keep the branches. Put what is new into a new field with a default.',
    example: ['{"name": "note", "type": ["null", "string"]}', '{"name": "note", "type": ["null", "string", "int"]}'],
  },
  {
    id: 'AMBIGUOUS_ALIAS',
    level: 'error',
    title: "A field's name and aliases mean several fields of the writer",
    means:
      "The writer has more than one field that the reader's field could be read from. The Java library throws on such a pair; other runtimes take any.",
    breaks: 'Readers in Java fail on every record; others may read the wrong field.',
    fix: 'Remove the alias that is a field of its own in the other version.',
    example: [
      '{"name": "buyer", "type": "string"}, {"name": "customer", "type": "string"}',
      '{"name": "customer", "aliases": ["buyer"], "type": "string"}',
    ],
  },
] as const satisfies readonly Rule[]
