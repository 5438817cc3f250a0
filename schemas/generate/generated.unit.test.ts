import { expect, test } from 'vitest'
import { generate } from './main.ts'

test('generated/events.ts is what the schemas say: run `node schemas/generate/main.ts` if not', () => {
  expect(generate({ check: true }).fresh).toBe(true)
})
