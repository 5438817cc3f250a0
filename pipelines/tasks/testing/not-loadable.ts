import { CodedError } from '#pipelines/kernel/errors.ts'
import { defineTask, noArguments } from '../task.ts'

/** Cannot even start. */
export const task = defineTask({ name: 'not-loadable', arguments: noArguments, run: async () => undefined })
throw new CodedError('BROKEN_MODULE', 'this module cannot be loaded: tok_canary')
