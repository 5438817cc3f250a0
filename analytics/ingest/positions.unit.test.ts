import { expect, it } from 'vitest'
import { whereToRead } from './positions.ts'

const place = { topic: 't', partition: 0 }
const log = (first: number, end: number) => [{ ...place, first, end }]

it('reads on behind what is stored, or from the beginning of the log', () => {
  expect(whereToRead([place], new Map([['t/0', 7]]), log(0, 10)).from.get('t/0')).toBe(7)
  expect(whereToRead([place], new Map([['t/0', 10]]), log(0, 10)).from.get('t/0')).toBe(10)
  expect(whereToRead([place], new Map(), log(3, 10))).toEqual({ from: new Map([['t/0', 3]]), holes: [] })
})

it('names records that the log dropped before they were read', () => {
  expect(whereToRead([place], new Map([['t/0', 2]]), log(5, 10))).toEqual({
    from: new Map([['t/0', 5]]),
    holes: [{ ...place, from: 2, count: 3 }],
  })
})

it('stops when more is stored than the log ever held', () => {
  expect(() => whereToRead([place], new Map([['t/0', 11]]), log(0, 10))).toThrow(/ends at 10/)
})
