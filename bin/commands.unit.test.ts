import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const program = join(import.meta.dirname, 'commands.ts')

test('a reader that has seen enough (`eshop … | head`) is no failure', async () => {
  const child = spawn(process.execPath, [program, 'flow', 'show', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  expect(said).toBe('')
  expect(code).toBe(0)
})

test.each([
  [['nonsense'], 2],
  [['flow', 'nonsense'], 2],
  [['token'], 2],
  [['flow', 'check'], 0],
  [['traffic', '--help'], 0],
])('eshop %j exits with %i', async (args, expected) => {
  const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' })
  const [code] = await once(child, 'exit')
  expect(code).toBe(expected)
})
