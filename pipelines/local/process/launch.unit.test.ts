import { mkdtempSync, rmSync } from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { spawnPart } from './launch.ts'

const folder = mkdtempSync(join(tmpdir(), 'launch-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each([0, 5])(
  'a part runs under its own process number, with niceness %i, and ends when it is told to',
  async (niceness) => {
    const part = await spawnPart({
      name: 'sleeper',
      command: process.execPath,
      args: ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'],
      niceness,
      address: '',
      logFile: join(folder, `${niceness}.log`),
      ready: async () => true,
    })
    await expect.poll(() => part.lastWords()).toMatch(new RegExp(`^${part.pid}$`, 'm'))
    expect(getPriority(part.pid) - getPriority(process.pid)).toBe(niceness) // it has written, so nice(1) has become it
    await part.close()
    expect((await part.exited).signal).toBe('SIGTERM')
  },
)

test('a program that is not there is named', async () => {
  const launch = { name: 'ghost', command: '/no/such/program', args: [], address: '', ready: async () => true }
  await expect(spawnPart({ ...launch, logFile: join(folder, 'ghost.log') })).rejects.toMatchObject({
    code: 'PART_NOT_STARTED',
    message: expect.stringContaining('ghost'),
  })
})
