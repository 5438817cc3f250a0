import { UsageError } from '#pipelines/kernel/errors.ts'
import type { Task } from './task.ts'

/**
 * Checks arguments against the task's schema, with defaults filled in. A property that the schema does not name is refused, as it is
 * most likely mistyped.
 * @throws UsageError `TASK_ARGUMENTS_INVALID` naming every fault
 */
export async function checkedArguments(task: Task, given: Readonly<Record<string, unknown>>): Promise<unknown> {
  const known = Object.keys(task.arguments.properties)
  const faults = Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => `"${name}" is no argument (there ${known.length > 0 ? `are ${known.join(', ')}` : 'are none'})`)
  if (known.length === 0 && faults.length === 0) return {}
  // Loaded only now: it costs more than the rest of a short run together.
  const { default: Value } = await import('typebox/value')
  const filled = Value.Default(task.arguments, { ...given })
  for (const { instancePath, message } of Value.Errors(task.arguments, filled))
    faults.push(`${instancePath || 'the arguments'} ${message}`)
  if (faults.length > 0)
    throw new UsageError('TASK_ARGUMENTS_INVALID', `bad arguments for ${task.name}: ${faults.join('; ')}`)
  return filled
}
