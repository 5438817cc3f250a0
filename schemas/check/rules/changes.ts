import { type Json, stableText } from '../avro/json.ts'
import {
  type EnumSchema,
  type Field,
  fieldNamed,
  isNamed,
  type LogicalType,
  type NamedSchema,
  type RecordSchema,
  type Schema,
} from '../avro/schema.ts'
import { atName } from '../compat/explain.ts'
import { matchesName } from '../compat/reference.ts'
import { Spot } from '../compat/spot.ts'
import type { Observation, Place } from '../finding.ts'
import type { RuleId } from './catalogue.ts'
import { renames } from './renames.ts'
import { isMarked } from './sensitive.ts'

/** A change that the reference lets pass. */
export interface Change {
  /** Whether it matters against every version, or only against the one before: a default that was changed once stays changed. */
  readonly matters: 'always' | 'once'
  readonly observation: Observation
}

/** Compares two versions of a schema, part by part as they correspond, and tells what changed in meaning. */
export function changesBetween(now: Schema, old: Schema, sensitiveProperty = 'x-sensitive'): readonly Change[] {
  const walk = new ChangeWalk(sensitiveProperty)
  walk.compare(now, old, new Spot())
  return walk.changes
}

class ChangeWalk {
  readonly changes: Change[] = []
  readonly #sensitive: string
  readonly #seen = new Map<Schema, Set<Schema>>()

  constructor(sensitiveProperty: string) {
    this.#sensitive = sensitiveProperty
  }

  compare(now: Schema, old: Schema, spot: Spot): void {
    if (now.type === 'union' || old.type === 'union') {
      this.#branches(now, old, spot)
      return
    }
    if (now.type !== old.type) return
    this.#logical(now, old, spot)
    if (now.type === 'array') {
      this.compare(now.items, (old as typeof now).items, spot.inside('items', '[]'))
    } else if (now.type === 'map') {
      this.compare(now.values, (old as typeof now).values, spot.inside('values', '{}'))
    } else if (isNamed(now) && !this.#met(now, old)) {
      this.#names(now, old as NamedSchema, spot)
      if (now.type === 'enum') this.#symbols(now, old as EnumSchema, spot)
      if (now.type === 'record') this.#fields(now, old as RecordSchema, spot)
    }
  }

  #met(now: Schema, old: Schema): boolean {
    const partners = this.#seen.get(now) ?? new Set()
    this.#seen.set(now, partners)
    if (partners.has(old)) return true
    partners.add(old)
    return false
  }

  #branches(now: Schema, old: Schema, spot: Spot): void {
    const olds = old.type === 'union' ? old.branches : [old]
    for (const branch of now.type === 'union' ? now.branches : [now]) {
      const partner = olds.find(
        (one) => one.type === branch.type && (!isNamed(one) || matchesName(branch as NamedSchema, one)),
      )
      if (partner !== undefined) this.compare(branch, partner, spot)
    }
  }

  #logical(now: Schema, old: Schema, spot: Spot): void {
    const [after, before] = [now.logical, old.logical]
    if (after === before) return
    if (after?.name !== before?.name) {
      const message = `logical type changed from ${logicalName(before)} to ${logicalName(after)} on ${now.type}`
      this.#tell(
        'LOGICAL_TYPE_CHANGED',
        spot,
        now,
        message,
        `keep ${logicalName(before)}, and add a new field with a default for the new meaning`,
      )
      return
    }
    if (after?.name !== 'decimal' || before === undefined) return
    if (after.scale !== before.scale) {
      const message = `decimal scale changed from ${before.scale} to ${after.scale}`
      this.#tell(
        'DECIMAL_SCALE_CHANGED',
        spot,
        now,
        message,
        `keep scale ${before.scale}, and add a new field with the new one`,
      )
    }
    if (after.precision !== before.precision) {
      const message = `decimal precision changed from ${before.precision} to ${after.precision}`
      this.#tell(
        'DECIMAL_PRECISION_CHANGED',
        spot,
        now,
        message,
        `keep precision ${before.precision}, and add a new field with the new one`,
      )
    }
  }

  #names(now: NamedSchema, old: NamedSchema, spot: Spot): void {
    if (now.name !== old.name || now.namespace === old.namespace || now.aliases.includes(old.fullName)) return
    const message = `namespace of ${now.type} ${now.name} changed from ${quoted(old.namespace)} to ${quoted(now.namespace)}`
    this.#tell(
      'NAMESPACE_CHANGED',
      spot,
      now,
      message,
      `keep ${quoted(old.namespace)}, or add "aliases": ["${old.fullName}"]`,
    )
  }

  #symbols(now: EnumSchema, old: EnumSchema, spot: Spot): void {
    const removed = old.symbols.filter((symbol) => !now.symbols.includes(symbol))
    for (const symbol of now.default === undefined ? [] : removed) {
      const place = { source: old.source, pointer: `${old.pointer}/symbols/${old.symbols.indexOf(symbol)}` }
      const message = `symbol ${symbol} removed from enum ${now.fullName}; old data reads as ${now.default}`
      this.#tell(
        'ENUM_SYMBOL_REMOVED',
        spot,
        now,
        message,
        `put ${symbol} back and say in "doc" that it is no longer written`,
        { place },
      )
    }
    const kept = old.symbols.filter((symbol) => now.symbols.includes(symbol))
    const order = now.symbols.filter((symbol) => old.symbols.includes(symbol))
    if (kept.join() !== order.join()) {
      const place = { source: now.source, pointer: `${now.pointer}/symbols` }
      const message = `symbols of enum ${now.fullName} reordered from ${kept.join(', ')} to ${order.join(', ')}`
      this.#tell('ENUM_SYMBOLS_REORDERED', spot, now, message, 'put them back in order and append new ones', {
        place,
        once: true,
      })
    }
    if (now.default !== old.default && old.default !== undefined) {
      const message = `default of enum ${now.fullName} changed from ${old.default} to ${now.default ?? 'none'}`
      this.#tell('DEFAULT_CHANGED', spot, now, message, `put "default": "${old.default}" back`, { once: true })
    }
  }

  #fields(now: RecordSchema, old: RecordSchema, spot: Spot): void {
    const kept = new Set<Field>()
    const added: Field[] = []
    for (const field of now.fields) {
      const before = counterpart(field, old)
      if (before === undefined) {
        added.push(field)
        continue
      }
      kept.add(before)
      this.#field(field, before, spot)
    }
    if (added.length === 0 || kept.size === old.fields.length) return
    const removed = old.fields.filter(
      (field) => !kept.has(field) && !field.aliases.some((name) => fieldNamed(now, name) !== undefined),
    )
    for (const { from, to } of renames(removed, added)) {
      const here = spot.inField(to)
      this.#tell(
        'FIELD_RENAMED_WITHOUT_ALIAS',
        here,
        now,
        `field looks like ${from.name} renamed`,
        `add "aliases": ["${from.name}"]`,
        { once: true },
      )
    }
  }

  #field(now: Field, old: Field, around: Spot): void {
    const spot = around.inField(now, old)
    this.compare(now.schema, old.schema, spot)
    if (old.default !== undefined && !isSameDefault(now.default, old.default)) {
      const [before, after] = [stableText(old.default), now.default === undefined ? 'none' : stableText(now.default)]
      this.#tell(
        'DEFAULT_CHANGED',
        spot,
        now.schema,
        `default changed from ${before} to ${after}`,
        `put "default": ${before} back`,
        { once: true },
      )
    }
    if (isMarked(old, this.#sensitive) && !isMarked(now, this.#sensitive)) {
      const message = `no longer marked "${this.#sensitive}"`
      this.#tell('SENSITIVE_MARK_REMOVED', spot, now.schema, message, `put "${this.#sensitive}" back`, { once: true })
    }
  }

  #tell(
    rule: RuleId,
    spot: Spot,
    schema: Schema,
    message: string,
    fix: string,
    { place, once = false }: { readonly place?: Place; readonly once?: boolean } = {},
  ): void {
    const at = place ?? (spot.readerField === undefined ? ownPlace(schema) : atName(spot.readerField))
    this.changes.push({
      matters: once ? 'once' : 'always',
      observation: { rule, place: at, field: spot.path, message, fix },
    })
  }
}

function isSameDefault(now: Json | undefined, old: Json): boolean {
  return now === old || (typeof now === 'object' && typeof old === 'object' && stableText(now) === stableText(old))
}

/** The old field that a new one continues: by its name, by its own alias, or by an alias the old one had. */
export function counterpart(field: Field, old: RecordSchema): Field | undefined {
  return (
    fieldNamed(old, field.name, field.index) ??
    field.aliases.map((alias) => fieldNamed(old, alias)).find((found) => found !== undefined) ??
    old.fields.find((one) => one.aliases.includes(field.name))
  )
}

function ownPlace(schema: Schema): Place {
  return { source: schema.source, pointer: isNamed(schema) ? `${schema.pointer}/name` : schema.pointer }
}

function logicalName(logical: LogicalType | undefined): string {
  return logical?.name ?? 'none'
}

function quoted(namespace: string): string {
  return JSON.stringify(namespace)
}
