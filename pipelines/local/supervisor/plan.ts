import type { Launch } from '../process/launch.ts'

/** A part that runs until the stack is stopped. */
export interface PartPlan {
  readonly kind: 'part'
  readonly name: string
  /** Parts that must serve, and steps that must be done, before it starts. It is stopped before they are. */
  readonly needs: readonly string[]
  /** Asked at each start, a restart too. */
  launch(): Launch | Promise<Launch>
}

/** Work that is done once per start of the stack, and changes nothing when it was done before. */
export interface StepPlan {
  readonly kind: 'step'
  readonly name: string
  readonly needs: readonly string[]
  /** Returns what it did, in a few words. */
  run(signal: AbortSignal): Promise<string | undefined>
}

export type Plan = readonly (PartPlan | StepPlan)[]
