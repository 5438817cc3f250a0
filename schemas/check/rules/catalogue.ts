import { CHANGE_RULES } from './change-rules.ts'
import { REFERENCE_RULES } from './reference-rules.ts'
import { RUN_RULES } from './run-rules.ts'
import { SCHEMA_RULES } from './schema-rules.ts'

/** What `explain` tells about a rule, and the level it has when the config says nothing. */
export interface Rule {
  readonly id: string
  readonly level: 'error' | 'warning'
  /** One line. */
  readonly title: string
  readonly means: string
  readonly breaks: string
  readonly fix: string
  /**
   * A small example: what is there before, what the change makes of it; a single text where nothing changes. Each is fields of a record, a type, or
   * an entry of the config, and a test sees that the rule finds it.
   */
  readonly example: readonly [before: string, after: string] | readonly [only: string]
}

const ALL = [...REFERENCE_RULES, ...CHANGE_RULES, ...SCHEMA_RULES, ...RUN_RULES] as const

export type RuleId = (typeof ALL)[number]['id']

/** Every rule, in the order in which the README lists them. */
export const RULES: readonly (Rule & { readonly id: RuleId })[] = ALL

export function ruleOf(id: string): (Rule & { readonly id: RuleId }) | undefined {
  return RULES.find((rule) => rule.id === id.toUpperCase())
}
