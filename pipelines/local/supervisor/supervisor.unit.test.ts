import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startProcess } from '#pipelines/testing/process.ts'
import { freePorts, isFree } from '../ports.ts'
import { identityOf } from '../process/pid.ts'
import { answersOk } from '../process/probes.ts'
import { smallPlan } from './fixtures/small-plan.ts'
import { readRun } from './run-file.ts'
import { stopRecorded } from './stop.ts'
import { createSupervisor } from './supervisor.ts'

let folder: string
let ports: { first: number; second: number }
let events: string[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'eshop-supervisor-'))
  ports = await freePorts('first', 'second')
  events = []
})

afterEach(async () => {
  await stopRecorded(folder)
  rmSync(folder, { recursive: true })
})

const reporter = {
  ready: (name: string) => void events.push(`ready ${name}`),
  done: (step: string) => void events.push(`done ${step}`),
  died: (name: string, why: string) => void events.push(`died ${name} ${why}`),
  recovered: (name: string) => void events.push(`recovered ${name}`),
}
const url = (name: 'first' | 'second') => `http://127.0.0.1:${ports[name]}/health/ready`
const notes = () => readFileSync(join(folder, 'notes'), 'utf8').trim().split('\n')
const pidOf = (name: string) => readRun(folder)?.parts.find((part) => part.name === name)?.pid ?? -1
const fixture = 'pipelines/local/supervisor/fixtures/small-stack.ts'

test('parts start after what they need, and stop before it', async () => {
  const supervisor = createSupervisor(smallPlan(folder, ports), folder, reporter)
  await supervisor.start()
  expect(events).toEqual(['ready first', 'done between', 'ready second'])
  expect(readRun(folder)).toMatchObject({ state: 'ready', supervised: true })
  await supervisor.close()
  expect(notes()).toEqual(['start first', 'start second', 'end second', 'end first'])
  expect(await isFree(ports.first)).toBe(true)
  expect(readRun(folder)).toBeUndefined()
})

test('a killed part is started again, and its new process is on record', async () => {
  const supervisor = createSupervisor(smallPlan(folder, ports), folder, reporter)
  await supervisor.start()
  const killed = pidOf('second')
  process.kill(killed, 'SIGKILL')
  await eventually(() => events.includes('recovered second'))
  expect(events).toContain('died second SIGKILL')
  expect(await answersOk(url('second'))).toBe(true)
  expect(pidOf('second')).not.toBe(killed)
  expect(readRun(folder)?.parts.find(({ name }) => name === 'second')?.restarts).toBe(1)
  await supervisor.close()
})

test('a part that cannot start is named with its log, and what ran is stopped', async () => {
  const supervisor = createSupervisor(smallPlan(folder, ports, { FAIL_AT_START: 'no such table' }), folder, reporter)
  await expect(supervisor.start()).rejects.toMatchObject({
    code: 'PART_FAILED',
    message: expect.stringMatching(/second ended while starting \(exit code 3\)\s+no such table/),
  })
  expect(await isFree(ports.first)).toBe(true)
  expect(readRun(folder)).toBeUndefined()
})

test('stopping while it starts leaves nothing running', async () => {
  const supervisor = createSupervisor(smallPlan(folder, ports), folder, reporter)
  const starting = supervisor.start().catch((error: { code: string }) => error.code)
  await supervisor.close()
  await starting
  expect(await isFree(ports.first)).toBe(true)
  expect(await isFree(ports.second)).toBe(true)
})

test('Ctrl-C ends everything that was started and nothing else', async () => {
  const bystander = startProcess(['-e', 'setInterval(() => {}, 1000); console.log("up")'])
  const stack = startProcess([fixture, folder, String(ports.first), String(ports.second)])
  await bystander.saw('up')
  await stack.saw('ready')
  stack.signal('SIGINT')
  expect(await stack.exited).toEqual({ code: 0, signal: null })
  expect(notes().slice(-2)).toEqual(['end second', 'end first'])
  expect(identityOf(bystander.pid)).toBeDefined()
  await bystander.close()
})

test('what a killed supervisor left behind is found and stopped', async () => {
  const stack = startProcess([fixture, folder, String(ports.first), String(ports.second)])
  await stack.saw('ready')
  stack.signal('SIGKILL')
  await stack.exited
  expect(await answersOk(url('second'))).toBe(true)
  expect(readRun(folder)).toMatchObject({ supervised: false })
  expect(await stopRecorded(folder)).toBe('stopped leftovers')
  expect(notes().slice(-2)).toEqual(['end second', 'end first'])
  expect(await stopRecorded(folder)).toBe('nothing ran')
})

test('a recorded number that belongs to another process by now is left alone', async () => {
  const bystander = startProcess(['-e', 'setInterval(() => {}, 1000); console.log("up")'])
  await bystander.saw('up')
  const someoneElse = { pid: bystander.pid, startedAt: 'long ago' }
  const part = { ...someoneElse, name: 'first', address: '', needs: [], restarts: 0, since: '' }
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ supervisor: someoneElse, state: 'ready', parts: [part] }))
  expect(await stopRecorded(folder)).toBe('nothing ran')
  expect(identityOf(bystander.pid)).toBeDefined()
  await bystander.close()
})
