import { expect, test } from 'vitest'
import { newClusterId } from './kafka.ts'

test("a new cluster's id never begins with a dash, which Kafka's tools take for an option", () => {
  const drawn = [Buffer.alloc(16, 0xfb), Buffer.alloc(16, 0xf8), Buffer.alloc(16, 1)]
  expect(drawn[0]?.toString('base64url')).toMatch(/^-/)
  expect(newClusterId(() => drawn.shift() as Buffer)).toBe(Buffer.alloc(16, 1).toString('base64url'))
  expect(newClusterId()).toMatch(/^[\w][\w-]{21}$/)
})
