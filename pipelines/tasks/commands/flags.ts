import { userInfo } from 'node:os'
import { InvalidArgumentError } from 'commander'

/** Who acts on the command line, for the records. */
export function commandLineActor(): string {
  try {
    return `cli:${userInfo().username}`
  } catch {
    return 'cli' // a container may run as a user without a name
  }
}

export function jsonObject(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new InvalidArgumentError('It is not JSON.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidArgumentError('It must be a JSON object, for example \'{"days": 3}\'.')
  return value as Record<string, unknown>
}

export function countTo(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < 1 || value > most)
      throw new InvalidArgumentError(`It must be 1 to ${most}.`)
    return value
  }
}

export function wholeNumber(text: string): number {
  const value = Number(text)
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('It must be a whole number.')
  return value
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value))
}
