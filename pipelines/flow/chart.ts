import { DAY } from '#pipelines/kernel/clock.ts'
import { PARTITIONS, type Topic } from './map.ts'
import type { FlowMap } from './problems.ts'

/** Consumers that read everything would draw a line from everywhere: the picture says it once, beside them. */
const READS_ALL = 'analytics'

/** The map as a Mermaid flowchart: parts are boxes, topics with their events the arrows between them. */
export function flowChart(map: FlowMap): string {
  const topics = Object.entries(map)
  const parts = new Set(topics.flatMap(([, { producer, consumers }]) => [producer, ...consumers]))
  const lines = [...parts].map((part) => `  ${idOf(part)}${boxOf(part, topics)}`)
  for (const [name, { producer, consumers }] of topics) {
    const readers = consumers.filter((consumer) => consumer !== READS_ALL)
    for (const reader of readers) lines.push(`  ${idOf(producer)} -- ${name} --> ${idOf(reader)}`)
    if (readers.length === 0) lines.push(`  ${idOf(producer)} -. ${name} .-> ${idOf(READS_ALL)}`)
  }
  return `flowchart LR\n${lines.join('\n')}\n`
}

function boxOf(part: string, topics: readonly (readonly [string, Topic])[]): string {
  if (part === 'external') return '(("anyone"))'
  const read = topics.filter(([, { consumers }]) => (consumers as readonly string[]).includes(part)).length
  if (part === READS_ALL && read > 0) return `[("${part}<br/>reads ${read} of ${topics.length} topics")]`
  return `["${part}"]`
}

function idOf(part: string): string {
  return part.replaceAll('-', '_')
}

/** The map as a Markdown table. */
export function flowTable(map: FlowMap): string {
  const rows = Object.entries(map).map(([name, { events, key, producer, consumers, retentionMs, because }]) =>
    [`\`${name}\``, events.join(', '), key, producer, consumers.join(', '), retention(retentionMs), because].join(
      ' | ',
    ),
  )
  const head = 'topic | events | key | producer | consumers | kept | because'
  const rule = head.replace(/[^|]+/g, '---')
  return `${[head, rule, ...rows].map((row) => `| ${row} |`).join('\n')}\n\nEvery topic has ${PARTITIONS} partitions.\n`
}

function retention(ms: number | undefined): string {
  return ms === undefined ? 'for ever' : `${ms / DAY} days`
}

const BLOCK = /(<!-- flow:[^\n]*-->\n)[\s\S]*?(<!-- \/flow -->)/

/** A text with the chart put between its `<!-- flow: … -->` and `<!-- /flow -->` lines; undefined if it has none. */
export function withChart(text: string, map: FlowMap): string | undefined {
  if (!BLOCK.test(text)) return undefined
  return text.replace(
    BLOCK,
    (_, begin: string, end: string) => `${begin}\n\`\`\`mermaid\n${flowChart(map)}\`\`\`\n\n${end}`,
  )
}
