import type { TObject, TString } from 'typebox'
import { UsageError } from '#pipelines/kernel/errors.ts'

/** What stands for a secret in arguments: the name of an environment variable of the process that runs the task. */
export interface SecretReference {
  readonly $secret: string
}

const VARIABLE = /^[A-Z][A-Z0-9_]{0,99}$/

/**
 * An argument that is secret: text for the task, a reference `{"$secret": "NAME"}` wherever it is passed, stored or shown.
 *
 *     arguments: Type.Object({ apiKey: secret('key of the carrier') })
 */
export function secret(description: string): TString {
  return { type: 'string', description, 'x-secret': true } as unknown as TString
}

export function isReference(value: unknown): value is SecretReference {
  if (typeof value !== 'object' || value === null) return false
  const { $secret } = value as { $secret?: unknown }
  return typeof $secret === 'string' && VARIABLE.test($secret) && Object.keys(value).length === 1
}

/** The arguments of a task that are secret. */
export function secretFields(schema: TObject): readonly string[] {
  return Object.entries(schema.properties).flatMap(([name, property]) =>
    (property as { 'x-secret'?: boolean })['x-secret'] ? [name] : [],
  )
}

export interface Resolved {
  readonly arguments: Record<string, unknown>
  /** What must not appear in anything the run leaves. */
  readonly secrets: readonly string[]
}

/**
 * Puts the secrets in place of their references.
 * @throws UsageError `TASK_SECRET_MISSING` naming each variable that is not set here
 */
export function resolveSecrets(
  schema: TObject,
  checked: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
): Resolved {
  const resolved = { ...checked }
  const missing: string[] = []
  const secrets: string[] = []
  for (const name of secretFields(schema)) {
    const reference = checked[name]
    if (!isReference(reference)) continue
    const value = environment[reference.$secret]
    if (value === undefined || value === '') missing.push(`${reference.$secret} (for ${name})`)
    else {
      resolved[name] = value
      // Also as it stands in JSON, where quotes and line ends are escaped.
      secrets.push(...new Set([value, JSON.stringify(value).slice(1, -1)]))
    }
  }
  if (missing.length > 0)
    throw new UsageError('TASK_SECRET_MISSING', `these secrets are not set where the task runs: ${missing.join(', ')}`)
  return { arguments: resolved, secrets }
}

/** What references in stored arguments stand for. */
export function secretsOf(given: Readonly<Record<string, unknown>>, environment: NodeJS.ProcessEnv): readonly string[] {
  return Object.values(given).flatMap((value) => (isReference(value) ? (environment[value.$secret] ?? []) : []))
}

/** The text without the secrets. Short ones are left: blacking out every "a" would hide everything else. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((value) => value.length >= 4)
    .reduce((clean, value) => clean.replaceAll(value, '[secret]'), text)
}
