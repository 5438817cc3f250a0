import { pause } from '#pipelines/kernel/lifecycle.ts'
import { defineTask, noArguments } from '../task.ts'

/** Runs until it is told to stop. */
export const task = defineTask({
  name: 'forever',
  arguments: noArguments,
  singleInstance: true,
  async run({ signal }) {
    process.stdout.write('it runs\n')
    while (!signal.aborted) await pause(60_000, signal)
  },
})
