import { UsageError } from '#pipelines/kernel/errors.ts'
import { scrub } from '#pipelines/kernel/redaction.ts'
import { isReference, secretFields } from './secrets.ts'
import type { Task } from './task.ts'

/**
 * Checks arguments against the task's schema and answers them with defaults filled in; secrets stay references. A property that the
 * schema does not name is refused, as it is most likely mistyped; so is a secret that was given in clear, without being repeated.
 * @throws UsageError `TASK_ARGUMENTS_INVALID` naming every fault
 */
export async function checkedArguments(
  task: Pick<Task, 'name' | 'arguments'>,
  given: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const known = Object.keys(task.arguments.properties)
  const faults = Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => `"${name}" is no argument (there ${known.length > 0 ? `are ${known.join(', ')}` : 'are none'})`)
  if (known.length === 0 && faults.length === 0) return {}
  // Loaded only now: it costs more than the rest of a short run together.
  const { default: Value } = await import('typebox/value')
  const filled = Value.Default(task.arguments, { ...given }) as Record<string, unknown>
  const secrets = secretFields(task.arguments)
  for (const name of secrets)
    if (name in given && !isReference(given[name]))
      faults.push(`/${name} is secret: pass {"$secret":"NAME"}, and set the environment variable NAME where tasks run`)
  // What a reference stands for is text; the reference itself would not fit the schema of the field.
  const shape = {
    ...filled,
    ...Object.fromEntries(secrets.filter((name) => name in filled).map((name) => [name, PLACE])),
  }
  for (const { instancePath, message } of Value.Errors(task.arguments, shape))
    faults.push(`${instancePath || 'the arguments'} ${message}`)
  if (faults.length > 0)
    throw new UsageError('TASK_ARGUMENTS_INVALID', `bad arguments for ${task.name}: ${faults.join('; ')}`)
  return filled
}

const PLACE = 'secret'

/**
 * Arguments are recorded for good, so what may stand nowhere is refused before that, without being repeated.
 * @throws UsageError `TASK_ARGUMENTS_SECRET`
 */
export function refuseSecrets(given: Readonly<Record<string, unknown>>): void {
  const text = JSON.stringify(given)
  if (text === '{}' || scrub(text) === text) return
  throw new UsageError('TASK_ARGUMENTS_SECRET', 'the arguments hold a card number or a token, and would be recorded')
}
