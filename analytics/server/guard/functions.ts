import type { Engine } from '../engine.ts'

/** Categories of system.functions that only compute with what they are given. A function of another category is allowed by name or not at all. */
const PURE_CATEGORIES: ReadonlySet<string> = new Set([
  'Aggregate Functions',
  'Type Conversion',
  'Dates and Times',
  'Arrays',
  'String',
  'Geo',
  'Hash',
  'String Search',
  'JSON',
  'URL',
  'Mathematical',
  'Arithmetic',
  'Geo Polygon',
  'Map',
  'IP Address',
  'Comparison',
  'Tuple',
  'Distance',
  'Random Number',
  'Bitmap',
  'Time Series',
  'NumericIndexedVector',
  'Bit',
  'Encoding',
  'UUID',
  'String Splitting',
  'String Replacement',
  'Null',
  'Rounding',
  'Time Window',
  'Encryption',
  'Conditional',
  'Financial',
  'Logical',
  'QBit',
])

/** Of the categories "Other" and "Internal". Left out: what reads files, tables by name, the machine, the network, or waits long. */
const ALLOWED_BY_NAME: ReadonlySet<string> = new Set(
  `bar blockNumber blockSerializedSize blockSize byteSize caseWithExpression colorOKLABToSRGB colorOKLCHToSRGB colorSRGBToOKLAB
   colorSRGBToOKLCH countDigits currentDatabase currentQueryID currentRoles currentSchemas currentUser defaultRoles
   defaultValueOfArgumentType defaultValueOfTypeName digits displayName dumpColumnStructure enabledRoles errorCodeToName
   finalizeAggregation flipCoordinates formatQuery formatQueryOrNull formatQuerySingleLine formatReadableDecimalSize
   formatReadableQuantity formatReadableSize formatReadableTimeDelta getSetting getSettingOrDefault getSizeOfEnumType getSubcolumn
   getTypeSerializationStreams globalVariable highlightQuery icebergBucket icebergTruncate identity ignore indexHint
   initialQueryID initializeAggregation isConstant isDecimalOverflow lowCardinalityIndices lowCardinalityKeys MACNumToString
   MACStringToNum MACStringToOUI materialize minSampleSizeContinuous minSampleSizeConversion neighbor nested normalizedQueryHash
   normalizedQueryHashKeepNames normalizeQuery normalizeQueryKeepNames obfuscateQuery obfuscateQueryWithSeed parseReadableSize
   parseReadableSizeOrNull parseReadableSizeOrZero parseTimeDelta partitionId queryID revision rowNumberInAllBlocks
   rowNumberInBlock runningAccumulate runningConcurrency runningDifference runningDifferenceStartingWithFirstValue shardCount
   shardNum sleep throwIf tokenizeQuery toColumnTypeName toTypeName transform uptime variantElement variantType version
   visibleWidth _CAST`
    .split(/\s+/)
    .map((name) => name.toLowerCase()),
)

/** Of categories that are else pure. */
const DENIED_BY_NAME = /^(reversednsquery|sleepeachrow|dict|joinget|ai[A-Z]|file|executable)/i

/** What the parser writes for syntax and system.functions does not list. */
const SYNTAX: ReadonlySet<string> = new Set([
  'lambda',
  'exists',
  'in',
  'notin',
  'globalin',
  'globalnotin',
  'untuple',
  'grouping',
])

/** Which functions an analyst may call. */
export interface FunctionCatalog {
  allows(name: string): boolean
  /** Whether the engine has such a function at all, allowed or not. */
  knows(name: string): boolean
  /** Whether the engine has a table function of this name, allowed or not. */
  knowsTable(name: string): boolean
}

interface Listed {
  readonly name: string
  readonly is_aggregate: number
  readonly alias_to: string
  readonly origin: string
  readonly categories: string
}

/**
 * Reads the engine's list of functions once. What a later version of it adds is refused until its category or name stands above; so are
 * functions that somebody made with CREATE FUNCTION, as their bodies are not looked at.
 */
export async function readFunctions(engine: Engine): Promise<FunctionCatalog> {
  const columns = 'SELECT name, is_aggregate, alias_to, toString(origin) AS origin, categories FROM system.functions'
  const listed = linesOf<Listed>(await engine.run({ prelude: '', sql: columns, format: 'JSONEachRow' }))
  const endings = linesOf<{ name: string }>(
    await engine.run({
      prelude: '',
      sql: 'SELECT name FROM system.aggregate_function_combinators',
      format: 'JSONEachRow',
    }),
  ).map(({ name }) => name.toLowerCase())
  const tables = linesOf<{ name: string }>(
    await engine.run({ prelude: '', sql: 'SELECT name FROM system.table_functions', format: 'JSONEachRow' }),
  )
  const tableFunctions = new Set(tables.map(({ name }) => name.toLowerCase()))
  const byName = new Map(listed.map((one) => [one.name, one]))
  const known = new Set<string>()
  const aggregates = new Set<string>()
  const denied = new Set<string>()
  const allowed = new Set<string>(SYNTAX)
  for (const one of listed) {
    const target = byName.get(one.alias_to) ?? one
    const lower = one.name.toLowerCase()
    known.add(lower)
    if (isAllowed(target) && !DENIED_BY_NAME.test(one.name)) allowed.add(lower)
    else denied.add(lower)
    if (one.is_aggregate && !denied.has(lower)) aggregates.add(lower)
  }
  /** `sumIf`, `uniqArrayIf`: an aggregate function with endings. */
  function isCombination(lower: string): boolean {
    if (aggregates.has(lower)) return true
    return endings.some((ending) => lower.endsWith(ending) && isCombination(lower.slice(0, -ending.length)))
  }
  return {
    allows(name) {
      const lower = name.toLowerCase()
      return !denied.has(lower) && (allowed.has(lower) || isCombination(lower))
    },
    knows: (name) => known.has(name.toLowerCase()),
    knowsTable: (name) => tableFunctions.has(name.toLowerCase()),
  }
}

function isAllowed({ name, is_aggregate, origin, categories }: Listed): boolean {
  if (origin !== 'System') return false
  if (is_aggregate || ALLOWED_BY_NAME.has(name.toLowerCase())) return true
  const all = categories.split(',').map((category) => category.trim())
  return all.length > 0 && all.every((category) => PURE_CATEGORIES.has(category))
}

function linesOf<Row>({ bytes }: { readonly bytes: Buffer }): Row[] {
  return bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}
