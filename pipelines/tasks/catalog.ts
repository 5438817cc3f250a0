import { messageOf } from '#pipelines/kernel/errors.ts'
import type { Policy } from './policy.ts'
import type { Registry, Task } from './task.ts'

/** The tasks of a registry, loaded to be looked at: their schemas and policies. */
export interface Catalog {
  readonly names: readonly string[]
  /** The task, if its module could be loaded. */
  find(name: string): Task | undefined
  /** Why a task's module cannot be loaded. Its runs are FAILED with this reason. */
  problemOf(name: string): string | undefined
  policyOf(name: string): Policy | undefined
}

export async function loadCatalog(registry: Registry): Promise<Catalog> {
  const tasks = new Map<string, Task>()
  const problems = new Map<string, string>()
  await Promise.all(
    Object.entries(registry).map(async ([name, load]) => {
      try {
        tasks.set(name, (await load()).task)
      } catch (error) {
        problems.set(name, messageOf(error))
      }
    }),
  )
  return {
    names: Object.keys(registry).sort(),
    find: (name) => tasks.get(name),
    problemOf: (name) => problems.get(name),
    policyOf: (name) => tasks.get(name)?.policy,
  }
}
