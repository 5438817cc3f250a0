export { type AgainstOptions, parseAgainst } from './against/against.ts'
export { RegistryClient, type RegistryOptions } from './against/registry-client.ts'
export type { Against, History, Subject, Version } from './against/version.ts'
export { canonicalForm, fingerprint } from './avro/canonical.ts'
export type { Json } from './avro/json.ts'
export { type ParsedSchema, type ParseOptions, parseSchema } from './avro/parse.ts'
export type { Schema } from './avro/schema.ts'
export { type Position, Source } from './avro/source.ts'
export { type CheckReport, type CheckRequest, check, type SubjectReport } from './check.ts'
export { EXIT, type Outside, outsideOf } from './commands/outside.ts'
export { registerCommand } from './commands/register.ts'
export { schemaCommands } from './commands.ts'
export {
  type Compatibility,
  type CompatibilityOptions,
  checkCompatibility,
  type PairFinding,
  type SchemaInput,
} from './compat/check-compatibility.ts'
export { type DeployOrder, type Direction, MODES, type Mode } from './compat/modes.ts'
export {
  INCOMPATIBILITIES,
  type Incompatibility,
  type IncompatibilityType,
  incompatibilities,
} from './compat/reference.ts'
export { type Config, type LoadedConfig, loadConfig, type Suppression } from './config.ts'
export { BadSchema, BadUsage, CheckError } from './errors.ts'
export type { Finding, Level } from './finding.ts'
export { levelsOf, type RegistryLevel, registryLevels, setRegistryLevels } from './registry-levels.ts'
export { FORMATS, type Format, render } from './report/report.ts'
export { RULES, type Rule, type RuleId, ruleOf } from './rules/catalogue.ts'
export type { FlowMapData, TopicData } from './rules/flow-map.ts'
