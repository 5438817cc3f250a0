import Type from 'typebox'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { secret } from '../secrets.ts'
import { defineTask, noArguments, type Task } from '../task.ts'

/** Tasks that do what tests need done. */

class OutOfStock extends CodedError {}

/** Runs until it is told to stop. */
const forever = defineTask({
  name: 'forever',
  arguments: noArguments,
  policy: { singleInstance: true },
  async run({ signal, progress }) {
    process.stdout.write('it runs\n')
    progress(3, 10, 'waiting')
    while (!signal.aborted) await pause(60_000, signal)
  },
})

/** Does not listen to its signal, but lets others work. */
const deaf = defineTask({
  name: 'deaf',
  arguments: noArguments,
  policy: { timeLimitMs: 300 },
  run: () => new Promise(() => setInterval(() => {}, 1_000)),
})

/** Blocks its process, so that nothing in it can end it. */
const blocks = defineTask({
  name: 'blocks',
  arguments: noArguments,
  policy: { timeLimitMs: 100 },
  async run() {
    process.stdout.write('it blocks\n')
    await pause(50)
    for (;;);
  },
})

/** Leaves a timer behind. */
const leaks = defineTask({
  name: 'leaks',
  arguments: noArguments,
  async run() {
    setInterval(() => {}, 1_000)
    return 'done'
  },
})

const writes = defineTask({
  name: 'writes',
  arguments: Type.Object({ lines: Type.Integer({ default: 2 }), waitMs: Type.Integer({ default: 0 }) }),
  async run({ arguments: { lines, waitMs }, signal }) {
    for (let line = 1; line <= lines && !signal.aborted; line++) {
      process.stdout.write(`line ${line} ${'x'.repeat(lines > 100 ? 90 : 0)}\n`)
      if (waitMs > 0) await pause(waitMs, signal)
    }
    process.stderr.write('no line end, tok_canary')
  },
})

const ownCode = defineTask({
  name: 'own-code',
  arguments: noArguments,
  exitCodes: [[OutOfStock, 42]],
  async run() {
    throw new TypeError('nothing was packed', { cause: new OutOfStock('OUT_OF_STOCK', 'there is none left') })
  },
})

/** Ends its process under the run. */
const exits = defineTask({
  name: 'exits',
  arguments: noArguments,
  async run() {
    process.stderr.write('so long\n')
    process.exit(7)
  },
})

/** Throws where nobody waits for it. */
const throwsAside = defineTask({
  name: 'throws-aside',
  arguments: noArguments,
  async run() {
    setTimeout(() => {
      throw new TypeError('thrown aside')
    }, 10)
    await pause(60_000)
  },
})

/** Fails until its third attempt, going on from where the one before was. */
const flaky = defineTask({
  name: 'flaky',
  arguments: noArguments,
  policy: { attempts: 3, backoffMs: 20 },
  async run({ attempt, checkpoint }) {
    const seen = [...((checkpoint.value as number[] | undefined) ?? []), attempt]
    await checkpoint.save(seen)
    if (attempt < 3) throw new TypeError(`attempt ${attempt} fails`)
    return seen
  },
})

/** Tells what its secret is, everywhere it can. */
const tells = defineTask({
  name: 'tells',
  arguments: Type.Object({ key: secret('a key'), fail: Type.Boolean({ default: false }) }),
  async run({ arguments: { key, fail } }) {
    process.stdout.write(`the key is ${key}\n`)
    if (fail) throw new TypeError(`bad key ${key}`)
    return { key }
  },
})

export const testTasks: Readonly<Record<string, Task>> = Object.fromEntries(
  [forever, deaf, blocks, leaks, writes, ownCode, exits, throwsAside, flaky, tells].map((task) => [task.name, task]),
)
