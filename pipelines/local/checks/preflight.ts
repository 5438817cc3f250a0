import { mkdir } from 'node:fs/promises'
import { UsageError } from '#pipelines/kernel/errors.ts'
import { haveJavaParts } from '../downloads/java-parts.ts'
import type { LocalSettings } from '../settings.ts'
import { type Check, checkDisk, checkJava, checkMaven, checkPorts } from './machine.ts'

/**
 * Looks at what must be there before anything is started. The ports of parts that are left out may be taken: by those who run them.
 * @throws UsageError `CANNOT_START` listing everything that is missing, each with its fix
 */
export async function preflight({ ports, folders }: LocalSettings, without: readonly string[] = []): Promise<void> {
  if (process.env.NODE_ENV === 'production')
    throw new UsageError(
      'CANNOT_START',
      'the local stack has no passwords worth the name: it does not start with NODE_ENV=production',
    )
  // 0711: PostgreSQL may run as another user, who must pass this folder but need not see into it.
  await mkdir(folders.home, { recursive: true, mode: 0o711 })
  const checks = await Promise.all([
    checkJava(),
    ...((await haveJavaParts()) ? [] : [checkMaven()]),
    checkDisk(folders.home),
    checkPorts(ports, without),
  ])
  const findings = checks.flat().filter(({ ok }) => !ok)
  if (findings.length > 0) throw new UsageError('CANNOT_START', explain(findings))
}

/** One line for the problem and one for the fix. */
export function explain(findings: readonly Check[]): string {
  return findings.map(({ detail, fix }) => `${detail}\n    fix: ${fix}`).join('\n  ')
}
