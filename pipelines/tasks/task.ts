import type { Static, TObject } from 'typebox'
import type { Log } from '#pipelines/kernel/log.ts'
import { type Policy, type PolicyInput, policyOf } from './policy.ts'

/**
 * Vocabulary. A *task* is work that starts, does what there is to do, and ends. A *run* is one such, an *execution* the record of one
 * *attempt* at it. A *trigger* is what started it, a *schedule* what triggers it at *due times*. A run has the *lease* of its execution
 * as long as its heartbeat is seen.
 */
export interface TaskContext<Arguments> {
  /** Checked, with defaults filled in and secrets in place of their references. */
  readonly arguments: Arguments
  readonly executionId: string
  /** The same for all attempts of a run. */
  readonly runId: string
  /** Counts from 1. */
  readonly attempt: number
  readonly log: Log
  /**
   * Aborts when the run must stop: SIGTERM, a cancellation, its time limit, or because it is taken for lost and another may run. Look
   * at it before each piece of work.
   */
  readonly signal: AbortSignal
  readonly lease: Lease
  /** Says how far it is; shown with the execution from the next heartbeat on. */
  progress(done: number, total?: number, note?: string): void
  readonly checkpoint: Checkpoint
}

export interface Lease {
  /** Greater than that of every earlier run of this task: for {@link fence}. */
  readonly token: number
  /** Call it before a write that another run must not find itself beside. @throws CodedError `LEASE_LOST` if others may take this run for lost */
  check(): void
}

export interface Checkpoint {
  /** What the attempt before saved; undefined in a first attempt. */
  readonly value: unknown
  /** Keeps a value (JSON) for the next attempt. @throws CodedError `LEASE_LOST` if this run is taken for lost: nothing is saved then */
  save(value: unknown): Promise<void>
}

/** Told about a run. What one throws is noted with the execution and changes nothing else. */
export interface Listeners {
  onStart?(run: { readonly executionId: string; readonly attempt: number }): unknown
  onSuccess?(run: { readonly executionId: string; readonly result: unknown }): unknown
  onFailure?(run: { readonly executionId: string; readonly status: string; readonly message: string | null }): unknown
  onFinal?(run: { readonly executionId: string; readonly status: string; readonly exitCode: number }): unknown
}

/** Exit codes of a task's own, by the class of the error that ended it: 3 to 99. */
export type ExitCodes = readonly (readonly [errorClass: new (...args: never[]) => Error, exitCode: number])[]

export interface TaskDefinition<Arguments extends TObject> {
  /** Lower-case letters, digits and dashes. */
  readonly name: string
  /** For whoever looks at the list of tasks. */
  readonly description?: string
  /** What may be passed. Arguments are recorded: what is secret is declared with {@link secret} and passed as a reference. */
  readonly arguments: Arguments
  readonly policy?: PolicyInput
  readonly listeners?: Listeners
  readonly exitCodes?: ExitCodes
  /** Does the work. What it returns is recorded as the result (JSON). */
  run(context: TaskContext<Static<Arguments>>): Promise<unknown>
}

/** A task whose arguments are checked when it is run. */
export interface Task {
  readonly name: string
  readonly description: string
  readonly arguments: TObject
  readonly policy: Policy
  readonly listeners: Listeners
  readonly exitCodes: ExitCodes
  run(context: TaskContext<unknown>): Promise<unknown>
}

/**
 * Defines a task:
 *
 *     export const task = defineTask({ name: 'prune', arguments: Type.Object({ days: Type.Integer() }), async run({ arguments: { days } }) {…} })
 *
 * @throws UsageError `TASK_POLICY_INVALID`, `TASK_EXIT_CODE_INVALID`
 */
export function defineTask<A extends TObject>(definition: TaskDefinition<A>): Task {
  const { name, description = '', arguments: schema, listeners = {}, exitCodes = [] } = definition
  return {
    name,
    description,
    arguments: schema,
    policy: policyOf(name, definition.policy, exitCodes),
    listeners,
    exitCodes,
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
