import type { CheckReport } from '../check.ts'
import type { Finding } from '../finding.ts'
import { RULES } from '../rules/catalogue.ts'
import { identity } from './identity.ts'
import { sentence } from './sentence.ts'

/** SARIF 2.1.0, for code scanning. What was suppressed is there and says so. */
export function sarif({ findings, suppressed }: CheckReport): string {
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'schema-check', rules: RULES.map(ruleJson) } },
        columnKind: 'utf16CodeUnits',
        results: [
          ...findings.map((finding) => result(finding)),
          ...suppressed.map((finding) => ({ ...result(finding), suppressions: [{ kind: 'external' }] })),
        ],
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

function ruleJson({ id, level, title, means, fix }: (typeof RULES)[number]) {
  return {
    id,
    name: pascalCase(id),
    shortDescription: { text: `${title}.` },
    fullDescription: { text: means },
    help: { text: fix },
    defaultConfiguration: { level },
  }
}

function result(finding: Finding) {
  const { rule, level, path, line, column } = finding
  return {
    ruleId: rule,
    ruleIndex: RULES.findIndex(({ id }) => id === rule),
    level,
    message: { text: sentence(finding) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: path.split('/').map(encodeURIComponent).join('/') },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
    partialFingerprints: { 'schemaCheck/v1': identity(finding) },
  }
}

function pascalCase(id: string): string {
  return id
    .toLowerCase()
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}
