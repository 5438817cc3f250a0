import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Value from 'typebox/value'
import { HOUR, MINUTE, SECOND } from '#pipelines/kernel/clock.ts'
import { messageOf, UsageError } from '#pipelines/kernel/errors.ts'
import { type Rule, RuleFile } from './rule.ts'

/** The rules that come with the shop. */
export const OWN_RULES: string = fileURLToPath(new URL('./rules/', import.meta.url))

const UNIT = { s: SECOND, m: MINUTE, h: HOUR } as const

function milliseconds(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  return Number(text.slice(0, -1)) * UNIT[text.slice(-1) as keyof typeof UNIT]
}

/**
 * Reads all rules of the folders; of two files with one name the one of the later folder counts. `$NAME` as a webhook is read from the environment, as the address of a
 * webhook is a secret more often than not.
 * @throws UsageError `ALERTS_INVALID` with all that is wrong
 */
export async function readRules(folders: readonly string[], environment: NodeJS.ProcessEnv): Promise<readonly Rule[]> {
  const files = new Map<string, string>()
  for (const folder of folders) {
    const names = await readdir(folder).catch((error: unknown) => {
      throw new UsageError('ALERTS_INVALID', `the folder of alerts ${folder} cannot be read: ${messageOf(error)}`)
    })
    for (const name of names) if (name.endsWith('.json')) files.set(name, join(folder, name))
  }
  const faults: string[] = []
  const rules: Rule[] = []
  for (const [file, path] of files) {
    const result = ruleOf(basename(file, '.json'), await readFile(path, 'utf8'), environment)
    if (typeof result === 'string') faults.push(`${file}: ${result}`)
    else rules.push(result)
  }
  if (faults.length > 0) throw new UsageError('ALERTS_INVALID', faults.join('\n'))
  return rules.toSorted((a, b) => a.name.localeCompare(b.name))
}

/** The rule, or what is wrong with it. */
export function ruleOf(name: string, text: string, environment: NodeJS.ProcessEnv): Rule | string {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch (error) {
    return messageOf(error)
  }
  const [error] = Value.Errors(RuleFile, file)
  // What typebox says of a property that no schema has.
  if (error?.message === 'schema is false') return `${error.instancePath.slice(1)} is not known`
  if (error) return `${error.instancePath.slice(1) || 'the file'} ${error.message}`
  return made(name, file as RuleFile, environment)
}

function made(name: string, file: RuleFile, environment: NodeJS.ProcessEnv): Rule | string {
  const { above, below, clearAt } = file
  if ((above === undefined) === (below === undefined)) return 'give either above or below'
  const side = above === undefined ? 'below' : 'above'
  const threshold = above ?? below ?? 0
  const clear = clearAt ?? threshold
  if (side === 'above' ? clear > threshold : clear < threshold)
    return 'clearAt lies on the wrong side of the threshold: it would be over while it fires'
  const variable = file.webhook?.startsWith('$') ? file.webhook.slice(1) : undefined
  const webhook = variable === undefined ? file.webhook : environment[variable]
  if (variable !== undefined && !webhook) return `webhook is ${file.webhook}, which the environment does not have`
  if (webhook !== undefined && !URL.canParse(webhook)) return 'webhook is no address'
  const everyMs = milliseconds(file.every, 30 * SECOND)
  if (everyMs < 5 * SECOND) return 'every is less than 5s'
  return {
    name,
    panel: file.panel,
    column: file.column,
    reduce: file.reduce ?? 'max',
    side,
    threshold,
    clearAt: clear,
    forMs: milliseconds(file.for, 0),
    clearForMs: milliseconds(file.clearFor, 0),
    windowMs: milliseconds(file.window, 15 * MINUTE),
    everyMs,
    repeatMs: milliseconds(file.repeat, 4 * HOUR),
    noData: file.noData ?? 'keep',
    values: file.values ?? {},
    webhook,
  }
}
