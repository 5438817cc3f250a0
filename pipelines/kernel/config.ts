import Type, { type Static, type TObject } from 'typebox'
import { Compile } from 'typebox/compile'
import Value from 'typebox/value'
import { UsageError } from './errors.ts'

/**
 * Reads a configuration object from the environment: each property of the schema is one variable, named in its `env` option or
 * by its own name in capitals. Text is converted to the property's type; defaults apply; every bad field is reported at once.
 * @throws UsageError `CONFIG_INVALID`, naming each variable, what it must be and what stood there (never its value if it is secret)
 */
export function readConfig<S extends TObject>(schema: S, environment: NodeJS.ProcessEnv = process.env): Static<S> {
  const raw: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(schema.properties)) {
    const text = environment[variableOf(name, property)]
    if (text !== undefined && text !== '') raw[name] = Value.Convert(property, text)
  }
  const filled = Value.Default(schema, raw)
  const errors = Compile(schema).Errors(filled)
  const problems = new Map<string, string>()
  for (const error of errors) {
    const missing = (error.params as { requiredProperties?: string[] }).requiredProperties
    for (const name of missing ?? [error.instancePath.slice(1)]) {
      const property = schema.properties[name] as { description?: string } | undefined
      problems.set(
        name,
        `${variableOf(name, property)} ${missing ? 'is required' : error.message}${property?.description ? ` (${property.description})` : ''}`,
      )
    }
  }
  if (problems.size > 0)
    throw new UsageError('CONFIG_INVALID', `bad configuration:\n  ${[...problems.values()].join('\n  ')}`)
  return filled as Static<S>
}

function variableOf(name: string, property: object | undefined): string {
  const env = (property as { env?: string } | undefined)?.env
  return env ?? name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

export { Type }
