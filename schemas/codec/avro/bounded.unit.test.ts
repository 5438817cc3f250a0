import { expect, test } from 'vitest'
import { avroType } from './avro-type.ts'

const HUGE_COUNT = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f]) // 2^53 - 1

const inArray =
  '{"type": "record", "name": "R", "fields": [{"name": "list", "type": {"type": "array", "items": "int"}}]}'
const inMap = '{"type": "record", "name": "R", "fields": [{"name": "list", "type": {"type": "map", "values": "int"}}]}'
const without = '{"type": "record", "name": "R", "fields": []}'

test.each([
  ['array', inArray],
  ['map', inMap],
])('an %s that claims more items than there are bytes is truncated at once, read or skipped', (_name, schema) => {
  const type = avroType(schema)
  const skipping = avroType(without)
  expect(type.decode(HUGE_COUNT, 0).offset).toBe(-1)
  expect(skipping.decode(HUGE_COUNT, 0, skipping.createResolver(type)).offset).toBe(-1)
})

test('blocks with a size before them are read and skipped like others', () => {
  const type = avroType(inArray)
  const twoBlocks = Buffer.from([0x03, 0x04, 0x02, 0x04, 0x02, 0x06, 0x00]) // -2 items, 2 bytes: 1, 2; 1 item: 3; end
  expect(type.fromBuffer(twoBlocks)).toEqual({ list: [1, 2, 3] })
  const skipping = avroType(without)
  expect(skipping.decode(twoBlocks, 0, skipping.createResolver(type)).offset).toBe(twoBlocks.length)
})

test('a map comes back, whatever its keys are called', () => {
  const type = avroType('{"type": "map", "values": "int"}')
  const map = { a: 1, ['__proto__']: 2 }
  expect(Object.entries(type.fromBuffer(type.toBuffer(map)))).toEqual(Object.entries(map))
})
