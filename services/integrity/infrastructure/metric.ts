/** The sum of a metric's samples that carry these labels, as a service shows it at `/metrics`; 0 if there is none. */
export async function metricOf(
  url: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const answer = await fetch(`${url}/metrics`)
  return sumOf(await answer.text(), name, labels)
}

export function sumOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  let sum = 0
  for (const line of text.split('\n')) {
    const [, of, has = '', value] = /^(\w+)(\{.*\})? (\S+)$/.exec(line) ?? []
    if (of === name && wanted.every((one) => has.includes(one))) sum += Number(value)
  }
  return sum
}
