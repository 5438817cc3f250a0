import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Unavailable, UsageError } from './errors.ts'
import { failpoints, failpointsOf } from './failpoint.ts'

const folder = mkdtempSync(join(tmpdir(), 'failpoints-'))
afterAll(() => rmSync(folder, { recursive: true }))
const PROGRAM = '/somewhere/services/ordering/main.ts'

describe('a failpoint', () => {
  test('is not there unless the environment arms one', () => {
    expect(failpoints).toBeUndefined()
    expect(failpointsOf({})).toBeUndefined()
    expect(failpointsOf({ ESHOP_FAILPOINT: '' })).toBeUndefined()
  })

  test('cannot be armed in production, however it is asked for', () => {
    for (const given of ['relay.mark.before:kill', '@/tmp', 'nonsense'])
      expect(failpointsOf({ ESHOP_FAILPOINT: given, NODE_ENV: 'production' })).toBeUndefined()
  })

  test.each([
    'nowhere:kill',
    'relay.mark.before',
    'relay.mark.before:explode',
    'relay.mark.before:kill:0',
    'relay.mark.before:hang:1:x',
  ])('refuses %s, and says what there is', (given) => {
    expect(() => failpointsOf({ ESHOP_FAILPOINT: given })).toThrow(UsageError)
  })

  test('fires once, at the passing it was told, and lets every other pass', async () => {
    const points = failpointsOf({ ESHOP_FAILPOINT: 'relay.mark.before:fail:2' })
    await points?.at('relay.mark.before')
    await points?.at('relay.mark.after')
    await expect(points?.at('relay.mark.before')).rejects.toThrow(Unavailable)
    await points?.at('relay.mark.before')
  })

  test('hangs for as long as it was told', async () => {
    const points = failpointsOf({ ESHOP_FAILPOINT: 'relay.mark.before:hang:1:150' })
    const began = performance.now()
    await points?.at('relay.mark.before')
    expect(performance.now() - began).toBeGreaterThan(140)
  })

  test('can be armed while the process runs, for one part, and fires once in all', async () => {
    const ordering = failpointsOf({ ESHOP_FAILPOINT: `@${folder}` }, PROGRAM)
    const another = failpointsOf({ ESHOP_FAILPOINT: `@${folder}` }, PROGRAM)
    const payment = failpointsOf({ ESHOP_FAILPOINT: `@${folder}` }, '/somewhere/services/payment/main.ts')
    await ordering?.at('relay.read.after')
    const file = join(folder, 'ordering.relay.read.after')
    writeFileSync(file, 'fail:2\n')
    await payment?.at('relay.read.after')
    await ordering?.at('relay.read.after')
    expect(existsSync(file)).toBe(true)
    await expect(ordering?.at('relay.read.after')).rejects.toThrow(/relay.read.after/)
    expect(existsSync(file)).toBe(false)
    await ordering?.at('relay.read.after')
    await another?.at('relay.read.after')
  })

  test('kills its process at once, with nothing said', () => {
    const program = `const { failpoints } = await import('${join(import.meta.dirname, 'failpoint.ts')}')
      console.log('before'); await failpoints?.at('relay.produce.after'); console.log('after')`
    const run = (env: object) =>
      spawnSync(process.execPath, ['--input-type=module', '-e', program], { env: { ...process.env, ...env } })
    const killed = run({ ESHOP_FAILPOINT: 'relay.produce.after:kill' })
    expect([killed.signal, killed.stdout.toString()]).toEqual(['SIGKILL', 'before\n'])
    const production = run({ ESHOP_FAILPOINT: 'relay.produce.after:kill', NODE_ENV: 'production' })
    expect([production.signal, production.stdout.toString()]).toEqual([null, 'before\nafter\n'])
  })
})
