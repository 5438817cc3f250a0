import type { Static, TObject } from 'typebox'
import type { Log } from '#pipelines/kernel/log.ts'

/**
 * Vocabulary. A *task* is work that starts, does what there is to do, and ends. A *run* is one such, an *execution* the record of it.
 * A *trigger* is what started it.
 */
export interface TaskContext<Arguments> {
  readonly arguments: Arguments
  readonly executionId: string
  readonly log: Log
  /**
   * Aborts when the run must stop: SIGTERM, its time limit, or because it is taken for LOST and another may run. Look at it before
   * each piece of work.
   */
  readonly signal: AbortSignal
}

export interface TaskDefinition<Arguments extends TObject> {
  readonly name: string
  /** What may be passed. Never secrets: arguments are recorded. */
  readonly arguments: Arguments
  /** Whether a second run while one is under way is SKIPPED. Default false. */
  readonly singleInstance?: boolean
  /** Milliseconds after which the run is TIMED_OUT. Default none. */
  readonly timeLimitMs?: number
  /** Does the work. What it returns is recorded as the result (JSON). */
  run(context: TaskContext<Static<Arguments>>): Promise<unknown>
}

/** A task whose arguments are checked when it is run. */
export interface Task {
  readonly name: string
  readonly arguments: TObject
  readonly singleInstance: boolean
  readonly timeLimitMs: number | undefined
  run(context: TaskContext<unknown>): Promise<unknown>
}

/**
 * Defines a task:
 *
 *     export const task = defineTask({ name: 'prune', arguments: Type.Object({ days: Type.Integer() }), async run({ arguments: { days } }) {…} })
 */
export function defineTask<A extends TObject>(definition: TaskDefinition<A>): Task {
  const { name, arguments: schema, singleInstance = false, timeLimitMs } = definition
  return {
    name,
    arguments: schema,
    singleInstance,
    timeLimitMs,
    run: (context) => definition.run(context as TaskContext<Static<A>>),
  }
}

/** The schema of a task without arguments. Written out, so that such a task starts without loading a schema library. */
export const noArguments = {
  type: 'object',
  required: [],
  properties: {},
  additionalProperties: false,
} as unknown as TObject<Record<never, never>>

/** Where each task's module is. A module is loaded when its task runs, after the execution is on record. */
export type Registry = Readonly<Record<string, () => Promise<{ readonly task: Task }>>>
