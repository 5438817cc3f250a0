import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { home } from '#pipelines/local/paths.ts'
import { identityOf, isAlive, type ProcessIdentity } from '#pipelines/local/process/pid.ts'
import type { StackAddresses } from './start-stack.ts'

const file = join(home, 'test-stack.json')

type Entry = StackAddresses & ProcessIdentity & { readonly directory: string }

/** The test stack that a living `serve-stack` offers to everybody, if there is one. */
export function sharedStack(): Entry | undefined {
  try {
    const entry = JSON.parse(readFileSync(file, 'utf8')) as Entry
    return isAlive(entry) ? entry : undefined
  } catch {
    return undefined
  }
}

/** Offers our stack to everybody. */
export function shareStack(stack: StackAddresses & { readonly directory: string }): void {
  const { kafkaBrokers, registryUrl, postgresUrl, clickhouseUrl, directory } = stack
  const entry = { ...identityOf(process.pid), kafkaBrokers, registryUrl, postgresUrl, clickhouseUrl, directory }
  writeFileSync(`${file}.new`, `${JSON.stringify(entry, null, 2)}\n`)
  renameSync(`${file}.new`, file) // readers never see half of it
}

export function unshareStack(): void {
  if (sharedStack()?.pid === process.pid) rmSync(file, { force: true })
}
