/**
 * `npm run test:integrity [-- PART…]`: the long half of the failure suite, its parts in lanes side by side, what must be alone after them, on one test stack. Ends with what passed and
 * failed and how long each part took. Exit code 1 if anything failed, 2 for a part that is not there.
 */
import { spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { home, root } from '#pipelines/local/paths.ts'
import { sharedStack } from '#pipelines/testing/stack-file.ts'
import { integrityFiles, type Lane, type Part, stagesOf } from './parts.ts'
import { isRight, outcomeOf, type PartOutcome, summaryOf } from './summary.ts'

const folder = join(home, 'integrity')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const SIGNALS = ['SIGINT', 'SIGTERM'] as const
const STACK_WITHIN_MS = 300_000

let isOver = false
const running = new Set<ReturnType<typeof start>>()
for (const signal of SIGNALS)
  process.on(signal, () => {
    isOver = true
    for (const child of running) child.process.kill(signal)
  })

/** @param log a file that can be followed while the program runs */
function start(args: readonly string[], log: string) {
  writeFileSync(log, '')
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', ...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
      appendFileSync(log, text)
    })
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(1))
    child.once('close', (code) => resolve(code ?? 1))
  })
  const one = { process: child, ended, said: () => said }
  running.add(one)
  void ended.then(() => running.delete(one))
  return one
}

async function runPart(part: Part): Promise<PartOutcome> {
  const began = performance.now()
  const name = join(folder, part.name.replaceAll(' ', '-'))
  const [report, log] = [`${name}.json`, `${name}.log`]
  rmSync(report, { force: true })
  console.log(`${time()} ${part.name} begins: tail -f ${log}`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const args = ['run', '--project', 'integrity', '--disable-console-intercept', ...reporters, ...part.files]
  const run = start([vitest, ...args], log)
  const code = await run.ended
  const outcome = outcomeOf(part, read(report), code, (performance.now() - began) / 1000)
  console.log(`${time()} ${part.name} ${isRight(outcome) ? 'has passed' : 'HAS FAILED'}:\n${run.said().trim()}\n`)
  return outcome
}

async function runLane(lane: Lane): Promise<readonly PartOutcome[]> {
  const outcomes: PartOutcome[] = []
  for (const part of lane) if (!isOver) outcomes.push(await runPart(part))
  return outcomes
}

/** One stack for all parts: the one that is there, or one of this run's own. */
async function withStack<T>(work: () => Promise<T>): Promise<T> {
  if (sharedStack()) return await work()
  const stack = start([join(root, 'pipelines/testing/serve-stack.ts')], join(folder, 'stack.log'))
  try {
    for (const until = Date.now() + STACK_WITHIN_MS; !sharedStack(); await pause(100))
      if (isOver || !running.has(stack) || Date.now() > until)
        throw new CodedError('NO_TEST_STACK', `the test stack did not start:\n${stack.said()}`)
    return await work()
  } finally {
    stack.process.kill('SIGTERM')
    await stack.ended
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function time(): string {
  return new Date().toISOString().slice(11, 19)
}

const wanted = process.argv.slice(2)
const stages = stagesOf(integrityFiles())
const names = stages.flat(2).map(({ name }) => name)
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`there is no part ${unknown.join(', ')}; there are: ${names.join(' | ')}`)
  process.exit(2)
}
mkdirSync(folder, { recursive: true })
const began = performance.now()
const isWanted = ({ name }: Part) => wanted.length === 0 || wanted.includes(name)
const chosen = stages.map((lanes) => lanes.map((lane) => lane.filter(isWanted)))
const outcomes = await withStack(async () => {
  const done: PartOutcome[] = []
  for (const lanes of chosen) done.push(...(await Promise.all(lanes.map(runLane))).flat())
  return done
})
console.log(summaryOf(outcomes, (performance.now() - began) / 1000))
console.log(`on ${cpus().length} cores (${cpus()[0]?.model.trim()})`)
const all = chosen.flat(2).length
process.exit(outcomes.length === all && outcomes.every(isRight) ? 0 : 1)
